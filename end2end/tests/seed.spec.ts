import { deleteTicked, dialog, openStack, row, tick } from '../steps';
import { expect, goto, type Page, signIn, test } from '../fixtures';

// Sentences of the help article that no other spec walks as they are written. The rest are in the specs of their nouns.

/** Opens a page by the menu, on a phone by the tab More. */
async function openBySettings(page: Page, name: string): Promise<void> {
  if (test.info().project.name === 'phone') {
    await page.getByRole('navigation', { name: 'Tabs' }).getByRole('link', { name: 'More' }).click();
    await expect(page.getByRole('heading', { name: 'Your role may' })).toBeVisible();
  }
  await page.getByRole('list', { name: 'Settings' }).filter({ visible: true }).getByRole('link', { name: new RegExp(`^${name}`) }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
}

// "Work stacks help you monitor and manage leads, including identifying unwanted leads (e.g., from a web portal) that may
// need to be deleted."
test('unwanted leads of a web portal stand in a work stack, and its number follows what happens', async ({ page, otherPage }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'Portal, unworked');
  const sources = page.getByRole('region', { name: 'Grid View' }).locator('td.source');
  await expect(sources.first()).toBeVisible();
  expect(new Set(await sources.allInnerTexts()).size).toBeLessThanOrEqual(3);
  await goto(page, '/work-stacks');
  const tile = page.getByRole('main').getByRole('link', { name: /^Portal, unworked/ });
  await expect(tile).toContainText(/\d+ leads/);
  const before = Number(/(\d+) leads/.exec(await tile.innerText())![1]);

  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'Portal, unworked');
  await tick(otherPage, 2);
  await deleteTicked(otherPage, 'Outdated', 2);

  await expect(tile).toContainText(`${before - 2} leads`);
});

// "When deleting, you'll need to specify a reason, which is logged for audit purposes. You can also add extra details if
// necessary."
test('the reason is in the audit log, and the extra details stand with the order alone', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await dialog(page).getByLabel('Extra details').fill('Nobody answered for a year');
  await dialog(page).getByRole('button', { name: 'Delete 2 leads', exact: true }).click();
  await expect(dialog(page)).toBeHidden();

  await goto(page, '/audit-log');
  const entry = page.getByRole('row').filter({ hasText: 'Maria Diaz' }).filter({ hasText: /outdated/i }).first();
  await expect(entry).toContainText(/2 leads|leads:? 2/i);
  await expect(page.getByText('Nobody answered for a year')).toHaveCount(0);
  await entry.getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByText('Nobody answered for a year')).toBeVisible();
  await expect(page.getByText('Outdated').first()).toBeVisible();
});

// "The Lead Management page, accessible via Settings, allows you to monitor and manage deletions. Within this section, you can
// view the Deletion Queue, where flagged records are processed". "Below the table, you'll also find an option to Remove
// Deletions".
test('Settings lead to Lead Management: the table, Remove Deletions below it, and the Deletion Queue', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);

  await openBySettings(page, 'Lead Management');

  await expect(row(page, lead)).toBeVisible();
  const table = (await page.getByRole('region', { name: 'Lead stats' }).boundingBox())!;
  const remove = (await page.getByRole('button', { name: 'Remove Deletions' }).boundingBox())!;
  expect(remove.y).toBeGreaterThanOrEqual(table.y + table.height);
  expect(remove.x).toBeLessThan(table.x + table.width);
});

// "Deleting a lead permanently removes it from the system".
test('a lead that has left is nowhere any more', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  const name = await row(page, lead).getByRole('link').first().innerText();
  await deleteTicked(page, 'Duplicate', 1);
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();

  expect((await page.goto(`/leads/${lead}`))?.status()).toBe(404);
  await goto(page, `/work-stacks/1?hide=false&q=${lead}`);
  await expect(page.getByRole('checkbox', { name: `Select ${lead}` })).toHaveCount(0);
  for (const path of ['/settings/lead-management?tab=deleted', '/audit-log']) {
    await goto(page, path);
    expect(await page.content(), path).not.toContain(name);
  }
});
