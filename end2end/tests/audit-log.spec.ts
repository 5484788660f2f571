import { readFile } from 'node:fs/promises';
import { deleteTicked, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Layer, type Page, signIn, test } from '../fixtures';

// "… logged for audit." An erased reference found later says who deleted it, when and why.

/** Deletes the first leads and lets them leave the system. */
async function erase(page: Page, layer: Layer, reason: string, count: number): Promise<string[]> {
  await openStack(page, 'All leads');
  const leads = await tick(page, count);
  await deleteTicked(page, reason, count);
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  return leads;
}

test('a deleted lead’s reference says who deleted it, when and why', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  const [lead] = await erase(page, layer, 'Duplicate', 2);

  await goto(page, '/audit-log');
  const search = page.getByRole('search', { name: 'Search the audit log' });
  await search.getByLabel('Lead', { exact: true }).fill(lead);
  await search.getByLabel('Lead', { exact: true }).press('Enter');
  await expect(page).toHaveURL(new RegExp(`/audit-log\\?lead=${lead}$`));
  await expect(page.getByText(new RegExp(`^${lead}: Deleted by .+ at 19:00\\. Reason: Duplicate\\.`))).toBeVisible();
  const entries = page.getByRole('table').getByRole('row');
  await expect(entries.filter({ hasText: 'Queue batch' })).toContainText('2 deleted');
  await expect(entries.filter({ hasText: 'Deletion ordered' })).toContainText('2 leads, Duplicate, from All leads');
  await expectAccessibleInBothThemes(page, 'audit-log-erased');

  await page.getByText(/: Deleted by/).getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('2 leads deleted');
});

test('what was done stands in its own entry’s row, however far that wraps', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await erase(page, layer, 'Duplicate', 1);
  for (const width of [768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await goto(page, '/audit-log');
    const row = page.getByRole('row').filter({ hasText: 'Deletion ordered' });
    const heights = await row.getByRole('cell').evaluateAll((cells) => cells.map((cell) => cell.clientHeight));
    expect(new Set(heights).size, `heights at ${width}: ${heights}`).toBe(1);
  }
});

test('person, act, reason and days stand in the address and narrow the log', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await erase(page, layer, 'Duplicate', 1);
  await goto(page, '/audit-log');
  await expectAccessibleInBothThemes(page, 'audit-log');
  const search = page.getByRole('search', { name: 'Search the audit log' });
  const entries = page.getByRole('table').locator('tbody tr');
  await search.getByLabel('Act', { exact: true }).selectOption({ label: 'Queue batch' });
  await expect(entries).toHaveCount(1);
  await search.getByLabel('Person', { exact: true }).selectOption({ label: 'The queue' });
  await search.getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await search.getByLabel('From', { exact: true }).fill('2026-11-24');
  await expect(page).toHaveURL(/by=queue&act=batch&reason=duplicate&from=2026-11-24/);
  await expect(entries).toHaveCount(1);
  await search.getByLabel('To', { exact: true }).fill('2026-11-23');
  await expect(page.getByText('The last day comes before the first. Swap them.')).toBeVisible();

  await page.reload();
  await expect(search.getByLabel('Act', { exact: true })).toHaveValue('batch');
  await expect(search.getByLabel('Person', { exact: true })).toHaveValue('queue');
  await page.getByRole('link', { name: 'Show everything' }).click();
  await expect(page).toHaveURL(/\/audit-log$/);
  await expect(search.getByLabel('Act', { exact: true })).toHaveValue('');
  await expect(entries.filter({ hasText: 'Demo filled' })).toBeVisible();
});

test('the log is exported as CSV, as it is searched', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await erase(page, layer, 'Duplicate', 1);
  await goto(page, '/audit-log?act=batch');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('layer-audit-log-2026-11-24.csv');
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('The queue,Queue batch,1 deleted');

  await goto(page, '/audit-log?act=exported');
  await expect(page.getByRole('table')).toContainText('the audit log, Queue batch');
});

test('Verify says that everything is as it was written, and finds what isn’t', async ({ page, layer }) => {
  await signIn(page, 'Auditor');
  await goto(page, '/audit-log');
  const verification = page.getByRole('region', { name: 'Verification' });
  await verification.getByRole('button', { name: 'Verify' }).click();
  await expect(verification.getByRole('status')).toHaveText(/^Everything is as it was written: \d+ entries, verified on 24 Nov 2026, \d\d:\d\d\.$/);

  await layer.write('DROP TRIGGER audit_entry_no_update');
  await layer.write('UPDATE audit_entry SET at = at + 1 WHERE sequence = 2');
  await verification.getByRole('button', { name: 'Verify' }).click();
  await expect(verification.getByRole('status')).toContainText('Entry 2 is the first that doesn’t fit.');
  await expect(verification).toContainText('the entries before that one tell still holds');
  await expectAccessibleInBothThemes(page, 'audit-log-broken');

  // One may leave, and finds it again.
  await goto(page, '/account');
  await goto(page, '/audit-log');
  await expect(verification.getByRole('status')).toContainText('Entry 2 is the first that doesn’t fit.');
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'America/New_York' });

  test('the page names the company’s zone', async ({ page }) => {
    await signIn(page, 'Auditor');
    await goto(page, '/audit-log');
    await expect(page.getByText('Days and times are those of Europe/London.')).toBeVisible();
  });
});

test('who may not read it sees nothing of it', async ({ page }) => {
  await signIn(page, 'Manager');
  const answer = await page.goto('/audit-log');
  expect(answer?.status()).toBe(403);
  await expect(page.getByText('Your role may not read the audit log.')).toBeVisible();
  await expect(page.getByRole('search', { name: 'Search the audit log' })).toHaveCount(0);
});
