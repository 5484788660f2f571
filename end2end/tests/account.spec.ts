import { addMember, signInWith } from '../people';
import { expect, expectAccessibleInBothThemes, goto, signIn, test } from '../fixtures';

test('one changes one’s own password, and signs in with the new one', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  const email = await addMember(page, 'Bob', 'Agent', 'a password of his');
  await signInWith(otherPage, email, 'a password of his');
  await goto(otherPage, '/account');
  await otherPage.getByLabel('Current password', { exact: true }).fill('not this one');
  await otherPage.getByLabel('New password', { exact: true }).fill('short');
  await otherPage.getByRole('button', { name: 'Change password' }).click();
  await expect(otherPage.getByText('This isn’t your password. Try again.')).toBeVisible();
  await expect(otherPage.getByText('The password needs at least 10 characters.')).toBeVisible();
  await expectAccessibleInBothThemes(otherPage, 'account-errors');

  await otherPage.getByLabel('Current password', { exact: true }).fill('a password of his');
  await otherPage.getByLabel('New password', { exact: true }).fill('another password');
  await otherPage.getByRole('button', { name: 'Change password' }).click();
  await expect(otherPage.getByText('Your password is changed. Sign in with it.')).toBeVisible();
  await expectAccessibleInBothThemes(otherPage, 'password-changed');
  await signInWith(otherPage, email, 'a password of his');
  await expect(otherPage).toHaveURL(/\/sign-in/);
  await signInWith(otherPage, email, 'another password');
  await expect(otherPage).toHaveURL(/\/work-stacks/);
});

test('signing out everywhere ends every browser’s session', async ({ page, otherPage }) => {
  await signIn(page, 'Agent');
  await signIn(otherPage, 'Agent');
  await goto(page, '/account');
  await expect(page.getByText('You sign in as agent@demo.test with one click, without a password.')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'account');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();

  await expect(page.getByText('You are signed out everywhere.')).toBeVisible();
  await otherPage.goto('/work-stacks');
  await expect(otherPage).toHaveURL(/\/sign-in/);
});
