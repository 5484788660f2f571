import { deleteTicked, openStack, row, tick } from '../steps';
import { expect, hydrated, screenshot, signIn, test } from '../fixtures';

// "If your work stack is configured to hide deletions, refreshing the page will remove the deleted records from your
// view."

test('with hiding on, a reload leaves deleted leads out', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await expect(row(page, lead)).toBeVisible();

  await page.reload();
  await hydrated(page);

  await expect(page.getByRole('row').nth(2)).toBeVisible();
  await expect(row(page, lead)).toHaveCount(0);
});

test('with hiding off they stay, struck through, and once erased they stand below', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'New today');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);

  await page.getByRole('switch', { name: 'Hide deletions' }).click();
  await expect(page).toHaveURL(/hide=/);
  await page.reload();
  await hydrated(page);
  await expect(row(page, lead)).toContainText(/leaves/i);
  await screenshot(page, 'hiding-off', 'as-it-is');

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await page.reload();
  await hydrated(page);
  await expect(page.getByText('Deleted from this stack (1)')).toBeVisible();
});

test('the stack’s setting is where everybody starts', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  await page.goto('/settings/work-stacks');
  await hydrated(page);
  await page.getByRole('row').filter({ hasText: 'All leads' }).getByRole('switch').click();

  await signIn(otherPage, 'Agent');
  await openStack(otherPage, 'All leads');
  await expect(otherPage.getByRole('switch', { name: 'Hide deletions' })).not.toBeChecked();
});
