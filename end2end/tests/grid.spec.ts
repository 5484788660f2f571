import { join } from 'node:path';
import { test as base, expect, expectAccessibleInBothThemes, goto, hydrated, signIn, type Page } from '../fixtures';
import { createDemo, withFolder } from '../server';
import { deleteTicked, openStack, row, tick } from '../steps';

// The Grid View with more rows than a page holds: one continuous scroll, and a selection that survives it.

const LEADS = 3_300;

/** The same as the other specs', with more leads. */
const test = base.extend<object, { demo: string }>({
  demo: [
    async ({}, use) => {
      await withFolder(async (folder) => {
        const file = join(folder, 'large.db');
        await createDemo(file, LEADS);
        await use(file);
      });
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

function region(page: Page) {
  return page.getByRole('region', { name: 'Grid View' });
}

function grid(page: Page) {
  return region(page).getByRole('grid', { name: 'Leads' });
}

/** The row at that place of the view: the first is 1. */
function at(page: Page, place: number) {
  return grid(page).locator(`tr[aria-rowindex="${place + 1}"]`);
}

/** Scrolls as the scroll bar does: so far, from 0 to 1. */
async function scrollTo(page: Page, part: number): Promise<void> {
  await region(page).evaluate((region, part) => {
    const scroller = region.scrollHeight > region.clientHeight + 1 ? region : region.closest('.main')!;
    scroller.scrollTop = part * (scroller.scrollHeight - scroller.clientHeight);
  }, part);
}

async function reference(page: Page, place: number): Promise<string> {
  await expect(at(page, place).locator('.ref')).toBeAttached();
  return at(page, place).locator('.ref').innerText();
}

/** All rows that are in the page. */
function drawn(page: Page) {
  return grid(page).locator('tbody tr');
}

test('names keep their width beside the panel, and whatever other rows say', async ({ page, layer }) => {
  test.skip(test.info().project.name === 'phone', 'a phone has cards');
  await layer.write(`UPDATE work_stack SET filter = '{"statuses":["new"]}' WHERE id = 2`);
  await signIn(page, 'Manager');
  await goto(page, '/work-stacks/2');
  const width = async () => (await at(page, 2).getByRole('rowheader').boundingBox())!.width;
  const rem = 16;
  await expect.poll(width).toBeGreaterThan(12 * rem);
  const before = await width();
  await at(page, 1).locator('.who').click();
  const panel = page.getByRole('complementary', { name: /^Lead L-/ });
  await panel.getByRole('button', { name: 'Edit status and owner' }).click();
  expect(await width()).toBeGreaterThan(15 * rem);

  await panel.getByLabel('Status', { exact: true }).selectOption({ label: 'Converted' });
  await panel.getByRole('button', { name: 'Save' }).click();

  await expect(at(page, 1)).toContainText('is no longer in this view');
  expect(await width()).toBeGreaterThan(15 * rem);
  await panel.getByRole('button', { name: 'Close the panel' }).click();
  expect(Math.abs((await width()) - before)).toBeLessThan(2);
});

test('the scroll bar is as long as the view, and leads to any of its rows', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(LEADS + 1));
  const height = await region(page).evaluate((it) => it.scrollHeight);
  expect(height).toBeGreaterThan(LEADS * 40);

  await scrollTo(page, 0.5);
  await expect(at(page, LEADS / 2).locator('.ref')).toBeVisible();
  expect(await drawn(page).count()).toBeLessThan(80);
  await expectAccessibleInBothThemes(page, 'grid-middle');

  await scrollTo(page, 1);
  await expect(at(page, LEADS).locator('.ref')).toBeVisible();
  await expect(at(page, LEADS + 1)).toHaveCount(0);
  await scrollTo(page, 0);
  await expect(at(page, 1).locator('.ref')).toBeVisible();
});

test('scrolling on and back shows every row once, in its order', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const seen = new Map<number, string>();
  const read = async () => {
    const rows = await drawn(page).evaluateAll((rows) =>
      rows.map((row) => [Number(row.getAttribute('aria-rowindex')), row.querySelector('.ref')?.textContent ?? '']),
    );
    for (const [index, lead] of rows as [number, string][]) {
      if (!lead) continue;
      expect(seen.get(index) ?? lead, `row ${index}`).toBe(lead);
      seen.set(index, lead);
    }
  };
  const parts = [...Array(30).keys()].map((n) => n / 100);
  for (const part of [...parts, ...parts.toReversed()]) {
    await scrollTo(page, part);
    await expect(grid(page).locator('tr.wait')).toHaveCount(0);
    await read();
  }
  expect(seen.size).toBeGreaterThan(900);
  expect(new Set(seen.values()).size).toBe(seen.size);
});

test('a selection survives scrolling, sorting and searching, and the bar says what is not shown', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 3);

  await scrollTo(page, 0.7);
  await expect(at(page, Math.round(LEADS * 0.7)).locator('.ref')).toBeVisible();
  await expect(page.getByText('3 selected', { exact: true })).toBeVisible();
  await scrollTo(page, 0);
  await expect(row(page, lead).getByRole('checkbox')).toBeChecked();

  await grid(page).getByRole('link', { name: 'Added', exact: true }).click();
  await expect(page).toHaveURL(/sort=added/);
  await expect(page.getByText('3 selected', { exact: true })).toBeVisible();

  await page.getByRole('searchbox').fill(lead);
  await expect(page.getByText('3 selected, 2 not shown', { exact: true })).toBeVisible();
  await expect(row(page, lead).getByRole('checkbox')).toBeChecked();
  await row(page, lead).getByRole('checkbox').uncheck();
  await expect(page.getByText('2 selected, 2 not shown', { exact: true })).toBeVisible();
  await page.getByRole('searchbox').fill('');
  await expect(page.getByText('2 selected', { exact: true })).toBeVisible();
});

test('after all, one is un-ticked, wherever one scrolls to it', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await page.getByRole('checkbox', { name: 'Select all', exact: true }).check();
  await expect(page.getByText('3,300 selected', { exact: true })).toBeVisible();

  await scrollTo(page, 0.5);
  const lead = await reference(page, LEADS / 2);
  await expect(row(page, lead).getByRole('checkbox')).toBeChecked();
  await row(page, lead).getByRole('checkbox').uncheck();

  await expect(page.getByText('3,299 selected', { exact: true })).toBeVisible();
  await page.getByRole('searchbox').fill(lead);
  await expect(page.getByText('3,299 selected, 3,299 not shown', { exact: true })).toBeVisible();
});

test('a range reaches over rows that were never loaded', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await at(page, 2).getByRole('checkbox').click();

  await scrollTo(page, 1);
  await at(page, LEADS).getByRole('checkbox').click({ modifiers: ['Shift'] });

  await expect(page.getByText('3,299 selected', { exact: true })).toBeVisible();
  await scrollTo(page, 0.5);
  await expect(at(page, LEADS / 2).getByRole('checkbox')).toBeChecked();
});

test('what is new and what is gone is counted exactly, and rows stand still until Refresh', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const first = await reference(page, 1);
  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  const leads = await tick(otherPage, 3);
  // Three arrive from elsewhere; the other person's deletion tells the pages.
  await layer.write(
    "INSERT INTO lead (uid, name, name_folded, added_at, last_activity_at) VALUES (x'01', 'Ada New', 'ada new', 0, 9999999999999), " +
      "(x'02', 'Bea New', 'bea new', 0, 9999999999999), (x'03', 'Cia New', 'cia new', 0, 0)",
  );
  // Whoever adds leads moves the sums in the same act.
  await layer.write("UPDATE lead_stat SET value = value + 3 WHERE name = 'leads'");
  await deleteTicked(otherPage, 'Duplicate', 3);

  await expect(page.getByText('3 new, 3 gone.', { exact: true })).toBeVisible();
  for (const lead of leads) await expect(row(page, lead)).toContainText('leaves the system at 19:00');
  expect(await reference(page, 1)).toBe(first);

  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(row(page, leads[0])).toHaveCount(0);
  await expect(at(page, 1)).toContainText('Bea New');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', String(LEADS + 1));
});

test('deletions from this stack are told below its last row, page by page', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'New today');
  await goto(page, page.url() + '?hide=false');
  await layer.write(
    `INSERT INTO deletion_order (id, act, at, member, reason, must_be_carried_out, work_stack, undo_until, confirmed, waiting, erased)
     SELECT x'01', x'01', 0, m.id, 'duplicate', 0, w.id, 0, 130, 0, 130 FROM member m, work_stack w WHERE m.name = 'Maria Diaz' AND w.name = 'New today'`,
  );
  await layer.write(
    `INSERT INTO deletion (lead, deletion_order, state, act, at)
     WITH RECURSIVE n (i) AS (SELECT 900001 UNION ALL SELECT i + 1 FROM n WHERE i < 900130) SELECT i, x'01', 'erased', x'01', 0 FROM n`,
  );
  await page.reload();
  await hydrated(page);

  await scrollTo(page, 1);
  const below = page.getByRole('region', { name: 'Deleted from this stack (130)' });
  await expect(below.getByText('L-900130', { exact: true })).toBeVisible();
  await expect(below.getByText('L-900030', { exact: true })).toHaveCount(0);
  await below.getByRole('button', { name: 'Show 30 more' }).click();
  await expect(below.getByText('L-900001', { exact: true })).toBeVisible();
  await expect(below.getByRole('button')).toHaveCount(0);
});

test('where everything is hidden, the view says how many, and shows them', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const lead = await reference(page, 1);
  await page.getByRole('searchbox').fill(lead);
  await expect(drawn(page)).toHaveCount(1);
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await page.getByRole('button', { name: 'Refresh' }).click();

  await expect(region(page)).toContainText('1 lead is hidden.');
  await region(page).getByRole('link', { name: 'Show them' }).click();

  await expect(row(page, lead)).toContainText('leaves the system');
  await page.getByRole('searchbox').fill('zzzzqqq');
  await expect(region(page)).toContainText('No lead matches the search.');
});

test('a lead opens beside the grid, in both themes', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await expectAccessibleInBothThemes(page, 'grid');

  await at(page, 3).getByRole('link').click();

  await expect(page.getByRole('complementary', { name: /^Lead L-/ })).toContainText('Contact records');
  await expectAccessibleInBothThemes(page, 'grid-panel');
});
