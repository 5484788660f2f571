import { rowOf } from '../people';
import { deleteTicked, dialog, message, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// "When deleting, you'll need to specify a reason, which is logged for audit purposes." A Layer Admin edits the list.

/** The codes in the order of the list. */
async function codes(page: Page): Promise<string[]> {
  return page.locator('tbody .ref').allInnerTexts();
}

test('a Layer Admin adds a reason with its policy, and whoever deletes is asked for it', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/reasons');
  await expectAccessibleInBothThemes(page, 'reasons');
  await page.getByRole('button', { name: 'Add a reason' }).click();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Duplicate');
  await dialog(page).getByLabel('Code', { exact: true }).fill('Not A Code');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText('There is a reason of this name. Choose another.');
  await expect(dialog(page)).toContainText('Write a code of lower-case letters');
  await expectAccessibleInBothThemes(page, 'reason-errors');

  await dialog(page).getByLabel('Name', { exact: true }).fill('Wrong number');
  await dialog(page).getByLabel('Code', { exact: true }).fill('');
  await dialog(page).getByLabel('Details demanded').check();
  await dialog(page).getByLabel('Must be carried out').check();
  await dialog(page).getByLabel('Sentence to confirm').fill('I called the number myself.');
  await dialog(page).getByRole('button', { name: 'Save' }).click();

  await expect(message(page)).toContainText('The reason Wrong number is saved.');
  await expect(rowOf(page, 'wrong-number')).toContainText('Deleted all the same if the lead changed. Details demanded');
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 1);
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByLabel('Reason', { exact: true }).selectOption({ label: 'Wrong number' });
  await dialog(otherPage).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(otherPage)).toContainText('Tick the sentence under the reason first.');
  await dialog(otherPage).getByLabel('I called the number myself.').check();
  await dialog(otherPage).getByLabel('Extra details').fill('Rang twice');
  await dialog(otherPage).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(message(otherPage)).toContainText('1 lead deleted.');

  await goto(page, '/audit-log');
  await expect(rowOf(page, 'Reason changed')).toContainText('Wrong number, added, details demanded, deleted all the same if changed');
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('a reason that orders have is offered no more instead of deleted; one that nobody used is deleted', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Outdated', 2);
  const before = await layer.command('stats', '--json');
  await goto(page, '/settings/reasons');

  await page.getByRole('button', { name: 'Delete: Outdated' }).click();
  await expect(dialog(page)).toContainText('“Outdated” can’t be deleted');
  await expect(dialog(page)).toContainText('1 order has it. Stop offering it instead');
  await expectAccessibleInBothThemes(page, 'reason-in-use');
  await dialog(page).getByRole('button', { name: 'Stop offering' }).click();
  await expect(rowOf(page, 'outdated')).toContainText('Not offered');

  await page.getByRole('button', { name: 'Delete: Invalid' }).click();
  await expectAccessibleInBothThemes(page, 'reason-delete');
  await dialog(page).getByRole('button', { name: 'Delete the reason' }).click();
  await expect(rowOf(page, 'invalid')).toHaveCount(0);

  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(dialog(page).getByRole('option', { name: 'Duplicate' })).toHaveCount(1);
  await expect(dialog(page).getByRole('option', { name: 'Outdated' })).toHaveCount(0);
  await expect(dialog(page).getByRole('option', { name: 'Invalid' })).toHaveCount(0);
  expect(await layer.command('stats', '--json')).toBe(before);
});

test('reasons are moved with the keyboard, and the focus stays on the button', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/reasons');
  const up = page.getByRole('button', { name: 'Move up: Outdated' });
  await up.focus();
  await page.keyboard.press('Enter');

  await expect.poll(() => codes(page)).toEqual(['outdated', 'duplicate', 'irrelevant', 'do-not-contact', 'invalid', 'other']);
  await expect(up).toBeFocused();
  await expect(up).toHaveAttribute('aria-disabled', 'true');
  await page.reload();
  expect((await codes(page))[0]).toBe('outdated');
});

test('a dialog that names a reason which is offered no more is refused with a sentence', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 1);
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });

  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/reasons');
  await page.getByRole('button', { name: 'Edit: Outdated' }).click();
  await expectAccessibleInBothThemes(page, 'reason-edit');
  await dialog(page).getByLabel('Offered in the dialog').uncheck();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(rowOf(page, 'outdated')).toContainText('Not offered');
  await expect(page.getByRole('button', { name: 'Edit: Outdated' })).toBeFocused();

  await dialog(otherPage).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(otherPage)).toContainText('Choose a reason from the list.');
});
