import { dialog, openStack, tick } from '../steps';
import { expect, goto, type Page, screenshot, signIn, test } from '../fixtures';

// The command palette: a stack, a page, a lead or an action by typing. And the list of shortcuts.

const field = (page: Page) => page.getByRole('combobox', { name: 'Go to or do' });

/** Opens it, as on this device. */
async function open(page: Page): Promise<void> {
  if (test.info().project.name === 'phone') {
    await page.getByRole('navigation', { name: 'Tabs' }).getByRole('button', { name: 'Go to…' }).click();
  } else {
    await page.keyboard.press('Control+k');
  }
  await expect(field(page)).toBeFocused();
}

test('it goes to a page, to a work stack and to a lead', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await open(page);
  await field(page).fill('reas');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/settings\/reasons$/);
  await expect(dialog(page)).toBeHidden();

  await open(page);
  await field(page).fill('new to');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'New today', level: 1 })).toBeVisible();

  await open(page);
  await field(page).fill('L-42');
  await expect(page.getByRole('option', { name: /L-42,/ })).toBeVisible();
  await screenshot(page, 'palette', 'as-it-is');
  await page.getByRole('option', { name: /L-42,/ }).click();
  await expect(page).toHaveURL(/\/leads\/L-42$/);

  const name = await page.getByRole('heading', { level: 1 }).innerText();
  await open(page);
  await field(page).fill(name.toLowerCase());
  await page.getByRole('option', { name: /L-42,/ }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
});

test('its file comes with its first use', async ({ page }) => {
  const files: string[] = [];
  page.on('request', (request) => files.push(new URL(request.url()).pathname));
  await signIn(page, 'Manager');
  await expect(page.getByRole('checkbox', { name: /^Select L-/ }).first()).toBeVisible();
  const palette = () => files.filter((file) => /palette\w*\.wasm$/.test(file));
  expect(palette()).toEqual([]);

  await open(page);

  expect(palette()).toHaveLength(1);
});

test('arrows choose, Enter does, Escape gives the focus back', async ({ page }) => {
  await signIn(page, 'Manager');
  await goto(page, '/account');
  const button = page.getByRole('button', { name: 'Go to…' }).filter({ visible: true });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(field(page)).toBeFocused();
  const first = page.getByRole('option').first();
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await expect(field(page)).toHaveAttribute('aria-activedescendant', (await first.getAttribute('id'))!);

  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('option', { name: 'Sign out' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('option', { name: 'Sign out' })).toBeInViewport();
  await page.keyboard.press('ArrowDown');
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');

  await expect(dialog(page)).toBeHidden();
  await expect(button).toBeFocused();
});

test('it deletes what is ticked, by the dialog of the button', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await open(page);
  await expect(page.getByRole('option', { name: 'Delete All 300 leads' })).toBeVisible();
  // Enter as it opens does no harm.
  await expect(page.getByRole('option').first()).toHaveText(/^Refresh/);
  await expect(page.getByRole('option', { name: /^Delete \d+ selected/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await tick(page, 2);

  await open(page);
  await field(page).fill('delete');
  await expect(page.getByRole('option').first()).toHaveText(/Delete\s*2 selected/);
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('heading', { name: 'Delete 2 leads?' })).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();

  await open(page);
  await field(page).fill('clear');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Nothing selected')).toBeVisible();
});

test('it offers what the role may, and nothing else', async ({ page }) => {
  await signIn(page, 'Agent');
  await openStack(page, 'All leads');
  await open(page);
  await expect(page.getByRole('option', { name: 'Refresh' })).toBeVisible();
  for (const name of ['Delete', 'Lead Management', 'Reasons', 'Audit log', 'Import']) {
    await expect(page.getByRole('option', { name: new RegExp(`^${name}`) })).toHaveCount(0);
  }
  await page.keyboard.press('Escape');

  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await open(page);
  await expect(page.getByRole('option', { name: 'Delete 1 selected' })).toBeVisible();
  await expect(page.getByRole('option', { name: /^Delete All/ })).toHaveCount(0);
  await page.keyboard.press('Escape');

  await signIn(page, 'Auditor');
  await open(page);
  await field(page).fill('L-7');
  await expect(page.getByRole('option')).toHaveText(['Find L-7 in the Deletion Queue']);
});

test('it switches the theme and signs out', async ({ page }) => {
  await signIn(page, 'Agent');
  await goto(page, '/account');
  await open(page);
  await field(page).fill('dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page).toHaveURL(/\/account/);
  await page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
  await open(page);
  await screenshot(page, 'palette-dark', 'as-it-is');
  await field(page).fill('sign out');
  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(/\/sign-in/);
});

test('what nothing is called is said', async ({ page }) => {
  await signIn(page, 'Agent');
  await open(page);
  await field(page).fill('zzzzqqq');

  await expect(dialog(page)).toContainText('Nothing is called “zzzzqqq”.');
  await expect(page.getByRole('option')).toHaveCount(0);
});

test('shortcuts are listed, are quiet in fields, and can be turned off', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const search = page.getByRole('searchbox');
  await page.keyboard.press('/');
  await expect(search).toBeFocused();
  await page.keyboard.type('?/');
  await expect(search).toHaveValue('?/');
  await expect(dialog(page)).toHaveCount(0);
  await search.fill('');
  await search.blur();

  await page.keyboard.press('?');
  await expect(dialog(page).getByRole('heading', { name: 'Keyboard shortcuts' })).toBeVisible();
  await expect(dialog(page)).toContainText('Tick or un-tick the lead');
  await screenshot(page, 'shortcuts', 'as-it-is');
  await dialog(page).getByRole('checkbox').uncheck();
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect(dialog(page)).toHaveCount(0);
  await page.keyboard.press('?');
  await page.keyboard.press('/');
  await expect(search).not.toBeFocused();
  await expect(dialog(page)).toHaveCount(0);
});
