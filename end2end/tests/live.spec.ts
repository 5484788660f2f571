import { deleteTicked, openStack, row, stat, tick } from '../steps';
import { expect, goto, signIn, test } from '../fixtures';

test('another’s deletion and its erasure show by themselves', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  expect(await stat(page, 'Deletions waiting')).toBe(0);

  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  const [lead] = await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Duplicate', 1);

  await expect.poll(() => stat(page, 'Deletions waiting'), { timeout: 2_000 }).toBe(1);
  await expect(row(page, lead)).toBeVisible({ timeout: 2_000 });

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await expect.poll(() => stat(page, 'Deleted'), { timeout: 2_000 }).toBe(1);
  await expect(row(page, lead)).toHaveCount(0, { timeout: 2_000 });
});
