import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// "Work stacks help you monitor and manage leads, including identifying unwanted leads (e.g., from a web portal) that may
// need to be deleted." Here a Layer Admin makes them.

/** The form's footer: the filter as a sentence, and how many leads it takes. */
function takes(page: Page) {
  return page.locator('.takes');
}

/** The row of a stack in Settings. */
function setting(page: Page, name: string) {
  return page.getByRole('main').getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** The names of the stacks in Settings, in their order. */
async function order(page: Page): Promise<string[]> {
  return page.getByRole('main').getByRole('row').locator('a.who').allInnerTexts();
}

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

test('a Layer Admin makes a stack, and sees what it takes while choosing', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks');
  await page.getByRole('link', { name: 'New work stack' }).click();
  await expect(takes(page)).toContainText('Every lead. 300 leads.');

  await page.getByRole('textbox', { name: 'Name' }).fill('Lost from the portals');
  await page.getByRole('group', { name: 'Source' }).getByRole('checkbox', { name: /^Rightmove/ }).check();
  await page.getByRole('group', { name: 'Source' }).getByRole('checkbox', { name: /^Zoopla/ }).check();
  await page.getByRole('group', { name: 'Status' }).getByRole('checkbox', { name: 'Lost' }).check();
  await page.getByRole('textbox', { name: 'Added more than … days ago' }).fill('30');
  await expect(takes(page)).toContainText('From Rightmove or Zoopla, status lost, added more than 30 days ago.');
  await expect(takes(page).locator('b')).toHaveText(/^\d+ leads?\.$/);
  const count = Number(/^\d+/.exec(await takes(page).locator('b').innerText())![0]);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(300);
  await page.getByRole('checkbox', { name: 'Agent' }).check();
  await expectAccessibleInBothThemes(page, 'work-stack-editor');
  await save(page);

  await expect(message(page)).toContainText('Lost from the portals is saved.');
  await expect(setting(page, 'Lost from the portals')).toContainText('Agent, Layer Admin');
  await expectAccessibleInBothThemes(page, 'work-stack-settings');
  await signIn(otherPage, 'Agent');
  await openStack(otherPage, 'Lost from the portals');
  await expect(otherPage.getByRole('main')).toContainText(`added more than 30 days ago. ${count} lead`);
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('what is wrong stands at its fields, all at once', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks/new');
  await page.getByRole('checkbox', { name: 'Layer Admin' }).uncheck();
  await page.getByRole('textbox', { name: 'Added in the last … days' }).fill('7');
  await page.getByRole('textbox', { name: 'Added more than … days ago' }).fill('30');
  await page.getByRole('textbox', { name: 'No activity for … days' }).fill('soon');
  await save(page);

  await expect(page.getByText('Give the work stack a name.')).toBeVisible();
  await expect(page.getByText('Write whole days, 1 to 36,500, or nothing.')).toBeVisible();
  await expect(page.getByText('Choose at least one role')).toBeVisible();
  await expect(page.getByText('No lead was added in the last 7 days and more than 30 days ago.')).toBeVisible();
  await expect(takes(page)).toContainText('Not counted: see what is marked.');
  await expectAccessibleInBothThemes(page, 'work-stack-editor-wrong');

  await page.getByRole('textbox', { name: 'Name' }).fill('all leads');
  await page.getByRole('textbox', { name: 'Added in the last … days' }).fill('');
  await page.getByRole('textbox', { name: 'No activity for … days' }).fill('');
  await page.getByRole('checkbox', { name: 'Layer Admin' }).check();
  await save(page);
  await expect(page.getByText('There is a work stack of this name already.')).toBeVisible();
});

test('a source that no lead has yet can be typed', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks/new');
  await page.getByRole('textbox', { name: 'Other source' }).fill('Billboard');
  await page.getByRole('textbox', { name: 'Other source' }).press('Enter');

  await expect(page.getByRole('checkbox', { name: 'Billboard' })).toBeChecked();
  await expect(takes(page)).toContainText('From Billboard. 0 leads.');
});

test('the columns of a stack are those that its grid shows', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'New today');
  const grid = otherPage.getByRole('region', { name: 'Grid View' });
  await expect(grid.getByRole('columnheader', { name: 'Source' })).toBeVisible();
  await signIn(page, 'Layer Admin');
  await openStack(page, 'New today');
  await page.getByRole('link', { name: 'Edit this stack' }).click();
  await expect(page.getByRole('heading', { name: 'Edit New today' })).toBeVisible();
  for (const column of ['Source', 'Telephone', 'Last activity']) {
    await page.getByRole('group', { name: 'Columns' }).getByRole('checkbox', { name: column }).uncheck();
  }
  await page.getByLabel('Sort by').selectOption('Lead');
  await page.getByLabel('Direction').selectOption('First to last');
  await save(page);
  await expect(message(page)).toContainText('New today is saved.');

  await otherPage.reload();
  await expect(grid.getByRole('columnheader', { name: 'Source' })).toBeHidden();
  await expect(grid.getByRole('columnheader', { name: 'Last activity' })).toBeHidden();
  await expect(grid.getByRole('columnheader', { name: 'Lead' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(grid.locator('td.owner').first()).toBeVisible();
  await expect(grid.locator('td.telephone').first()).toBeHidden();
  const [lead] = await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Outdated', 1);
  await expect(row(otherPage, lead)).toContainText('Deleted');
  await expectAccessibleInBothThemes(otherPage, 'own-columns');
});

test('the order is changed by keyboard, and everybody’s menu has it', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Agent');
  await goto(otherPage, '/work-stacks');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks');
  expect((await order(page)).slice(0, 3)).toEqual(['All leads', 'Portal, unworked', 'New today']);
  await expect(page.getByRole('button', { name: 'Move up: All leads' })).toHaveAttribute('aria-disabled', 'true');

  await page.getByRole('button', { name: 'Move up: New today' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await order(page)).slice(0, 3)).toEqual(['All leads', 'New today', 'Portal, unworked']);
  await expect(page.getByRole('button', { name: 'Move up: New today' })).toBeFocused();
  await expect(message(page)).toContainText('New today stands at place 2 now.');

  const tiles = otherPage.getByRole('main').getByRole('listitem');
  await expect(tiles.nth(1)).toContainText('New today', { timeout: 2_000 });
});

test('deleting a stack deletes no lead; who looks at it is told', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'New today');
  await tick(otherPage, 1);
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });

  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks');
  await expect(page.getByRole('button', { name: 'Delete: All leads' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Delete: New today' }).click();
  await expect(dialog(page)).toContainText('No lead is deleted. 4 roles lose this view.');
  await expectAccessibleInBothThemes(page, 'delete-work-stack');
  await dialog(page).getByRole('button', { name: 'Delete work stack' }).click();
  await expect(message(page)).toContainText('New today is deleted. No lead was.');
  await expect(setting(page, 'New today')).toHaveCount(0);

  await dialog(otherPage).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(otherPage)).toContainText('The work stack of these leads was deleted meanwhile.');
  await dialog(otherPage).getByRole('button', { name: 'Cancel' }).click();
  await expect(otherPage.getByText('There is no such work stack')).toBeVisible();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 0 });
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('two Layer Admins at once: the second reads that it was changed', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  await signIn(otherPage, 'Layer Admin');
  for (const one of [page, otherPage]) {
    await goto(one, '/settings/work-stacks');
    await setting(one, 'New today').getByRole('link').click();
    await expect(one.getByRole('heading', { name: 'Edit New today' })).toBeVisible();
  }
  await page.getByRole('textbox', { name: 'Name' }).fill('Fresh');
  await save(page);
  await expect(message(page)).toContainText('Fresh is saved.');

  await otherPage.getByRole('textbox', { name: 'Name' }).fill('Brand new');
  await save(otherPage);
  await expect(otherPage.getByText('You changed this at 10:00 while you had it open. Nothing was saved.')).toBeVisible();
  await expect(otherPage.getByRole('textbox', { name: 'Name' })).toHaveValue('Brand new');
  await otherPage.getByRole('button', { name: 'Load what is there now' }).click();
  await expect(otherPage.getByRole('heading', { name: 'Edit Fresh' })).toBeVisible();
  await expect(otherPage.getByRole('textbox', { name: 'Name' })).toHaveValue('Fresh');
  expect(await order(page)).toContain('Fresh');
});

test('a role that doesn’t see a stack gets 404', async ({ page, otherPage }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks');
  const href = await setting(page, 'New today').getByRole('link').getAttribute('href');
  await setting(page, 'New today').getByRole('link').click();
  await page.getByRole('checkbox', { name: 'Agent' }).uncheck();
  await save(page);
  await expect(setting(page, 'New today')).not.toContainText('Agent');

  await signIn(otherPage, 'Agent');
  const answer = await otherPage.goto(href!.replace('/settings', ''));
  expect(answer?.status()).toBe(404);
  await expect(otherPage.getByText('There is no such work stack')).toBeVisible();
  const refused = await otherPage.goto(href!);
  expect(refused?.status()).toBe(403);
});

test('a change of a stack shows to who looks at it', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'No valid telephone');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/work-stacks');
  await setting(page, 'No valid telephone').getByRole('link').click();
  await page.getByRole('checkbox', { name: 'No contact record' }).check();
  await save(page);
  await expect(message(page)).toContainText('No valid telephone is saved.');

  await expect(otherPage.getByText(/ gone/)).toBeVisible();
  await otherPage.getByRole('button', { name: 'Refresh' }).first().click();
  await expect(otherPage.getByRole('main')).toContainText('Without a contact record, without a contact with a valid telephone number.');
});

test('counts in the menu move by themselves for everybody', async ({ page, otherPage }) => {
  await signIn(page, 'Agent');
  await goto(page, '/work-stacks');
  const tile = page.getByRole('main').getByRole('link', { name: /^All leads/ });
  await expect(tile).toContainText('300 leads');
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 3);

  await deleteTicked(otherPage, 'Outdated', 3);
  await expect(tile).toContainText('297 leads', { timeout: 2_000 });
  await message(otherPage).getByRole('button', { name: 'Undo' }).click();
  await expect(tile).toContainText('300 leads', { timeout: 2_000 });
});
