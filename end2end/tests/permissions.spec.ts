import { deleteTicked, openStack, row, tick } from '../steps';
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
  // Their queue is their own, the numbers beside it are everybody's: the page says which is which.
  await goto(page, '/settings/lead-management');
  await expect(page.getByText('You see the deletions that you ordered; Lead stats count everybody’s.')).toBeVisible();
  await expect(page.getByText('None of your deletions left the system in the last 12 weeks.')).toBeVisible();
});

test('an Auditor reads references without names', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const leads = await tick(page, 3);
  const names = await Promise.all(leads.map((lead) => row(page, lead).locator('.who').innerText()));
  await deleteTicked(page, 'Duplicate', 3);
  await signIn(page, 'Auditor');
  await goto(page, '/settings/lead-management');

  await expect(page.getByRole('region', { name: 'Deletion Queue' })).toBeVisible();
  for (const lead of leads) await expect(row(page, lead)).toContainText('Leaves at 19:00');
  // Neither in what is drawn nor in what the page came with.
  const whole = await (await page.request.get('/settings/lead-management')).text();
  for (const name of names) {
    expect(name).not.toBe('');
    await expect(page.getByText(name)).toHaveCount(0);
    expect(whole).not.toContain(name);
  }
  await expect(page.getByRole('button', { name: /^Delete now/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Remove Deletions' })).toHaveCount(0);
});
