import { addMember, rowOf, signInWith } from '../people';
import { deleteTicked, dialog, message, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, signIn, test } from '../fixtures';

// "Only users with the necessary role-based permissions can delete leads." A Layer Admin says who they are.

test('a Layer Admin adds a member, and the password that Layer makes is shown once', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members');
  await expectAccessibleInBothThemes(page, 'members');
  await page.getByRole('button', { name: 'Add a member' }).click();
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
  for (const said of ['Write a name.', 'This is no e-mail address.', 'Choose a role from the list.']) {
    await expect(dialog(page)).toContainText(said);
  }
  await expectAccessibleInBothThemes(page, 'member-errors');

  await dialog(page).getByLabel('Name', { exact: true }).fill('Ann Example');
  await dialog(page).getByLabel('E-mail').fill('ann@layer.test');
  await dialog(page).getByLabel('Role', { exact: true }).selectOption({ label: 'Manager' });
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'The password, shown this once' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'member-password');
  const password = await dialog(page).getByLabel('Password').inputValue();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await dialog(page).getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(dialog(page).getByRole('status')).toHaveText('Copied');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(password);
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(rowOf(page, 'ann@layer.test')).toContainText('Manager');

  await signInWith(otherPage, 'ann@layer.test', password);
  await expect(otherPage.getByRole('heading', { name: 'All leads' })).toBeVisible();
  await goto(page, '/audit-log');
  await expect(rowOf(page, 'Member changed')).toContainText('Ann Example, added, as Manager');
});

test('whoever is deactivated is out at once, and what they ordered waits for a Layer Admin', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Layer Admin');
  const email = await addMember(page, 'Bob', 'Manager', 'a password of his');
  await signInWith(otherPage, email, 'a password of his');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 3);
  await deleteTicked(otherPage, 'Duplicate', 3);

  await page.getByRole('button', { name: 'Deactivate: Bob' }).click();
  await expect(dialog(page)).toContainText('3 waiting deletions go on hold until a Layer Admin confirms.');
  await expectAccessibleInBothThemes(page, 'member-deactivate');
  await dialog(page).getByRole('button', { name: 'Deactivate', exact: true }).click();

  await expect(message(page).filter({ hasText: 'any more' })).toContainText(
    'Bob can’t sign in any more. 3 waiting deletions are on hold until a Layer Admin confirms them.',
  );
  await expect(rowOf(page, email)).toContainText('Can’t sign in');
  await otherPage.goto('/work-stacks');
  await expect(otherPage).toHaveURL(/\/sign-in/);
  await signInWith(otherPage, email, 'a password of his');
  await expect(otherPage.getByText('This e-mail address and password don\'t belong together. Try again.')).toBeVisible();

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, held: 3 });
  await page.getByRole('button', { name: 'Reactivate: Bob' }).click();
  await expectAccessibleInBothThemes(page, 'member-reactivate');
  await dialog(page).getByRole('button', { name: 'Reactivate', exact: true }).click();
  await expect(rowOf(page, email)).toContainText('Active');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, held: 3 });
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('a role that is taken away counts at once, and the dialog says before what it holds', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 2);
  await deleteTicked(otherPage, 'Duplicate', 2);
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members');
  await page.getByRole('button', { name: 'Edit: Petra Lane' }).click();
  await expect(dialog(page)).not.toContainText('on hold');
  await dialog(page).getByLabel('Role', { exact: true }).selectOption({ label: 'Agent' });
  await expect(dialog(page)).toContainText('2 waiting deletions go on hold until a Layer Admin confirms.');
  await expectAccessibleInBothThemes(page, 'member-edit');
  await dialog(page).getByRole('button', { name: 'Save' }).click();

  await expect(message(page)).toContainText('Petra Lane is saved. 2 waiting deletions are on hold');
  await expect(rowOf(page, 'manager@demo.test')).toContainText('Agent');
  await openStack(otherPage, 'All leads');
  await expect(otherPage.getByRole('button', { name: 'Delete', exact: true })).toHaveCount(0);
});

test('a password that is reset ends every session, and nobody edits their own role', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  const email = await addMember(page, 'Bob', 'Agent', 'a password of his');
  await signInWith(otherPage, email, 'a password of his');
  await page.getByRole('button', { name: 'Reset password: Bob' }).click();
  await dialog(page).getByLabel('Password', { exact: true }).fill('short');
  await dialog(page).getByRole('button', { name: 'Show: Password' }).click();
  await expect(dialog(page).getByLabel('Password', { exact: true })).toHaveAttribute('type', 'text');
  await dialog(page).getByRole('button', { name: 'Reset password', exact: true }).click();
  await expect(dialog(page)).toContainText('The password needs at least 10 characters.');
  await expectAccessibleInBothThemes(page, 'member-reset');
  await dialog(page).getByLabel('Password', { exact: true }).fill('another password');
  await dialog(page).getByRole('button', { name: 'Reset password', exact: true }).click();
  await expect(message(page).filter({ hasText: 'signed out everywhere' })).toBeVisible();
  await otherPage.goto('/work-stacks');
  await expect(otherPage).toHaveURL(/\/sign-in/);
  await signInWith(otherPage, email, 'another password');
  await expect(otherPage).toHaveURL(/\/work-stacks/);

  await expect(page.getByRole('button', { name: 'Deactivate: Maria Diaz' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Edit: Maria Diaz' }).click();
  await expect(dialog(page).getByLabel('Role', { exact: true })).toBeDisabled();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Edit: Maria Diaz' })).toBeFocused();
});
