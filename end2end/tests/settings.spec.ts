import { deleteTicked, message, openStack, tick } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

test('business hours that leave the queue no hour a day are refused with a sentence', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/business-hours');
  await screenshot(page, 'business-hours');
  await page.getByLabel('Time zone').fill('Mars/Base');
  await page.getByRole('button', { name: 'Save' }).click();

  await expect(page.getByText(/This time zone isn.t known/)).toBeVisible();
});

test('the undo time decides when a deletion leaves at night', async ({ page, layer }) => {
  await layer.setClock('2026-11-24T22:00:00Z');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/business-hours');
  await page.getByLabel(/Undo time/).fill('30');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(message(page)).toContainText(/saved/i);

  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await expect(message(page).filter({ hasText: 'deleted' })).toContainText('in 30 minutes.');
});

test('every page of Settings, the audit log and one’s orders open for a Layer Admin', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  for (const path of ['/settings/members', '/settings/reasons', '/settings/work-stacks', '/audit-log', '/orders', '/account', '/import']) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(200);
    await expect(page.getByRole('heading', { level: 1 }), path).toBeVisible();
    await screenshot(page, path.split('/').pop()!);
  }
});
