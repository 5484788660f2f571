import { deleteTicked, dialog, message, openStack, stat, tick } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

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
