import { expect, goto, hydrated, screenshot, signIn, test } from '../fixtures';

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

for (const javaScriptEnabled of [true, false]) {
  test(`a wrong password keeps the address that was typed, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async ({ browser, layer }) => {
    const context = await browser.newContext({ baseURL: layer.url, javaScriptEnabled });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await page.getByLabel('E-mail address').fill('ann+1@layer.test');
    await page.getByLabel('Password').fill('not hers');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();

    await expect(page.getByRole('alert')).toContainText('don\'t belong together');
    if (javaScriptEnabled) await hydrated(page);
    await expect(page.getByLabel('E-mail address')).toHaveValue('ann+1@layer.test');
    await expect(page.getByLabel('Password')).toHaveValue('');
    // Others read addresses: it isn't in this one.
    expect(page.url()).not.toContain('ann');
    await context.close();
  });
}
