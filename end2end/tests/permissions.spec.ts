import { openStack } from '../steps';
import { expect, goto, signIn, test } from '../fixtures';

// "Note: Only users with the necessary role-based permissions can delete leads."

test('an Agent sees leads, no boxes and no buttons', async ({ page }) => {
  await signIn(page, 'Agent');
  await openStack(page, 'All leads');
  await expect(page.getByRole('row').nth(3)).toBeVisible();

  await expect(page.getByRole('checkbox', { name: /^Select/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Delete/ })).toHaveCount(0);
});

test('an Agent who calls the server all the same is refused, and nothing changes', async ({ page, layer }) => {
  await signIn(page, 'Agent');
  const before = await layer.command('stats', '--json');

  const answer = await page.evaluate(async () => {
    const response = await fetch('/api/drafts/leads', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stack: 1, selection: { Leads: ['L-1'] } }),
    });
    return { status: response.status, body: await response.text() };
  });

  expect(answer.status).toBe(403);
  expect(answer.body).toContain('delete-leads');
  expect(await layer.command('stats', '--json')).toBe(before);
});

test('a Team Leader deletes what is ticked, but no whole stack', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');

  await expect(page.getByRole('checkbox', { name: /^Select L-/ }).first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete All' })).toHaveCount(0);
});

test('an Auditor reads references without names', async ({ page }) => {
  await signIn(page, 'Auditor');
  await goto(page, '/settings/lead-management');

  await expect(page.getByRole('region', { name: 'Deletion Queue' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Delete now/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Remove Deletions' })).toHaveCount(0);
});
