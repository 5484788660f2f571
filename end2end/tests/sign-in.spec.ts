import { expect, goto, screenshot, signIn, test } from '../fixtures';

test('a Layer Admin signs in with one click and sees All leads', async ({ page }) => {
  await signIn(page, 'Layer Admin');

  await expect(page).toHaveURL(/\/work-stacks/);
  await expect(page.getByRole('region', { name: 'Grid View' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'All leads' })).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^Select L-\d+$/ }).first()).toBeVisible();
  await screenshot(page, 'grid-view');
});

test('the sign-in page has a button for each role of the demo', async ({ page }) => {
  await goto(page, '/sign-in');

  for (const role of ['Agent', 'Team Leader', 'Manager', 'Layer Admin', 'Auditor']) {
    await expect(page.getByRole('button', { name: `Sign in as ${role}`, exact: true })).toBeVisible();
  }
  await screenshot(page, 'sign-in');
});

test('who is not signed in is sent to the sign-in page', async ({ page }) => {
  await page.goto('/work-stacks');

  await expect(page).toHaveURL(/\/sign-in/);
});
