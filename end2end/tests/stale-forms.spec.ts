import { addMember, rowOf, signInWith } from '../people';
import { dialog, message } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// Two Layer Admins have the same form open. Who saves last overwrites nothing that they haven't seen.

const TOLD = 'Bea changed this at 10:00 while you had it open. Nothing was saved.';

/** Signs in Maria Diaz, and beside her Bea. */
async function twoAdmins(page: Page, otherPage: Page): Promise<void> {
  await signIn(page, 'Layer Admin');
  const email = await addMember(page, 'Bea', 'Layer Admin', 'a password of hers');
  await signInWith(otherPage, email, 'a password of hers');
}

test('a dialog that somebody overtook keeps what was typed, and loads what is there on demand', async ({ page, otherPage }) => {
  await twoAdmins(page, otherPage);
  for (const each of [page, otherPage]) {
    await goto(each, '/settings/reasons');
    await each.getByRole('button', { name: 'Edit: Outdated' }).click();
  }
  const name = dialog(page).getByLabel('Name', { exact: true });
  await name.fill('Too old');
  await dialog(otherPage).getByLabel('Name', { exact: true }).fill('Past its time');
  await dialog(otherPage).getByLabel('Details demanded').check();
  await dialog(otherPage).getByRole('button', { name: 'Save' }).click();
  await expect(message(otherPage)).toContainText('The reason Past its time is saved.');

  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText(TOLD);
  await expect(name).toHaveValue('Too old');
  await expectAccessibleInBothThemes(page, 'reason-stale');
  // Pressed again, it is refused again.
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText(TOLD);

  await dialog(page).getByRole('button', { name: 'Load what is there now' }).click();
  await expect(name).toHaveValue('Past its time');
  await expect(dialog(page).getByLabel('Details demanded')).toBeChecked();
  await expect(dialog(page)).not.toContainText(TOLD);
  expect(await dialog(page).evaluate((it) => it.contains(document.activeElement))).toBe(true);
  await name.fill('Too old');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(rowOf(page, 'outdated')).toContainText('Too old');
  await expect(rowOf(page, 'outdated')).toContainText('Details demanded');
});

test('business hours, too', async ({ page, otherPage }) => {
  await twoAdmins(page, otherPage);
  for (const each of [page, otherPage]) await goto(each, '/settings/business-hours');
  const undo = page.getByLabel('Undo time in minutes');
  await undo.fill('20');
  await otherPage.getByLabel('Undo time in minutes').fill('30');
  await otherPage.getByLabel('Monday, closes').fill('17:00');
  await otherPage.getByRole('button', { name: 'Save' }).click();
  await expect(message(otherPage)).toContainText('Business hours saved.');

  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(TOLD)).toBeVisible();
  await expect(undo).toHaveValue('20');
  await page.getByRole('button', { name: 'Load what is there now' }).click();
  await expect(undo).toHaveValue('30');
  await expect(page.getByLabel('Monday, closes')).toHaveValue('17:00');
  await expect(page.getByText(TOLD)).toHaveCount(0);
  // Saved twice in a row, one's own change is nobody else's.
  for (const minutes of ['20', '25']) {
    await undo.fill(minutes);
    // The first one's message may still stand there when the second is saved.
    const answered = page.waitForResponse((response) => response.url().endsWith('/settings/save-hours'));
    await page.getByRole('button', { name: 'Save' }).click();
    expect((await answered).status()).toBe(200);
    await expect(message(page)).toContainText('Business hours saved.');
  }
  await page.reload();
  await expect(undo).toHaveValue('25');
  await expect(page.getByLabel('Monday, closes')).toHaveValue('17:00');
});
