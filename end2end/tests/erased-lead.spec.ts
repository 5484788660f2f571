import { deleteTicked, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, signIn, test } from '../fixtures';

test('an erased reference says who deleted it, when and why', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await layer.setClock('2026-11-26T10:00:00Z');
  await signIn(page, 'Manager');

  const answer = await page.goto(`/leads/${lead}`);
  expect(answer?.status()).toBe(410);
  const sentence = 'Deleted by Petra Lane on 24 Nov, 19:00. Reason: Duplicate.';
  await expect(page.getByRole('heading', { name: lead })).toBeVisible();
  await expect(page.getByText(sentence)).toBeVisible();
  await expectAccessibleInBothThemes(page, 'erased-lead');
  await page.getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByRole('heading', { name: '1 lead deleted' })).toBeVisible();

  await goto(page, '/settings/lead-management');
  await page.getByRole('searchbox', { name: 'Find a lead' }).fill(lead);
  await expect(page.getByText(sentence)).toBeVisible();
  await expectAccessibleInBothThemes(page, 'erased-lead-found');

  // Who sees the work stack is told the same, without the order.
  await signIn(page, 'Agent');
  await goto(page, `/leads/${lead}`);
  await expect(page.getByText(sentence)).toBeVisible();
  await expect(page.getByRole('link', { name: 'See the order' })).toHaveCount(0);
});

test('a reference that never was is not found', async ({ page }) => {
  await signIn(page, 'Agent');
  const answer = await page.goto('/leads/L-999999');
  expect(answer?.status()).toBe(404);
  await expect(page.getByText("There is no such lead, or it isn't in one of your work stacks.")).toBeVisible();
});
