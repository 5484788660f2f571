import { deleteTicked, dialog, message, openStack, stat, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, screenshot, signIn, test } from '../fixtures';

// "Below the table, you'll also find an option to Remove Deletions, which can be used to clear items to be deleted from
// the Lead Management page."

test('Remove Deletions takes them off the queue, and can be undone', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 3);
  await deleteTicked(page, 'Duplicate', 3);
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: 'Remove Deletions' }).click();
  await expect(dialog(page)).toContainText('Duplicate');
  await dialog(page).getByLabel('Reason', { exact: true }).fill('Wrong stack');
  await screenshot(page, 'remove-deletions', 'as-it-is');
  await dialog(page).getByRole('button', { name: /^Remove/ }).click();

  await expect(message(page)).toContainText('3 deletions removed. The leads are back in their work stacks.');
  await expect.poll(() => stat(page, 'Deletions waiting')).toBe(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 0 });

  await message(page).getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => stat(page, 'Deletions waiting')).toBe(3);

  // The first order says who removed them and why, and that they were put back.
  await goto(page, '/orders');
  const first = page.getByRole('row').filter({ hasText: '3 removed from the queue by Petra Lane.' });
  await expect(first).toContainText('Put back since: see the other order');
  await first.getByRole('link', { name: '3 leads' }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'Wrong stack' })).toBeVisible();
  await page.getByRole('link', { name: 'see the other order' }).click();
  await expect(page.getByText('Puts back what was removed from')).toBeVisible();
});

test('those that must be carried out want a tick of their own', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Do not contact' });
  await dialog(page).getByRole('checkbox', { name: /Deleting forgets/ }).check();
  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(page)).toBeHidden();
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: 'Remove Deletions' }).click();

  await expect(dialog(page).getByRole('checkbox', { name: /Do not contact/ })).not.toBeChecked();
});

test('the order’s page undoes a removal too, and why it was made can be blacked out', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Remove Deletions' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).fill('John Example asked');
  await dialog(page).getByRole('button', { name: /^Remove/ }).click();
  await expect(dialog(page)).toBeHidden();
  await goto(page, '/orders');
  await page.getByRole('link', { name: '2 leads' }).click();
  const why = page.getByRole('region', { name: 'Why' });
  await expect(why).toContainText('2, Maria Diaz, 10:00');
  await expectAccessibleInBothThemes(page, 'order-removed');

  await why.getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await expect(message(page)).toContainText('2 leads deleted. They leave the system at 19:00.');
  await expect(why.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Why' })).toBeFocused();
  await expect(page.getByText('Put back since: see the other order')).toBeVisible();

  await why.getByRole('button', { name: 'Redact', exact: true }).click();
  await expectAccessibleInBothThemes(page, 'removal-redact');
  await dialog(page).getByRole('button', { name: 'Redact', exact: true }).click();
  await expect(why).toContainText('Redacted by Maria Diaz, 10:00.');
  await expect(page.getByText('John Example')).toHaveCount(0);
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test.describe('cut off', () => {
  test.use({ cutOff: true });

  test('what isn’t known is no number: the dialog says so, and looks again', async ({ page }) => {
    await signIn(page, 'Manager');
    await openStack(page, 'All leads');
    await tick(page, 2);
    await deleteTicked(page, 'Duplicate', 2);
    await goto(page, '/settings/lead-management');
    await page.route('**/api/removals/preview**', (route) => route.abort());
    await page.getByRole('button', { name: 'Remove Deletions' }).click();
    await expect(dialog(page).getByRole('alert')).toBeVisible();
    await expect(dialog(page)).not.toContainText('nothing to remove');
    await expect(dialog(page)).not.toContainText('0 deletions');

    await page.unroute('**/api/removals/preview**');
    await dialog(page).getByRole('button', { name: 'Look again' }).click();
    await expect(dialog(page).getByRole('button', { name: 'Remove 2 deletions' })).toBeEnabled();
    await expect(dialog(page).getByRole('alert')).toBeHidden();
  });
});
