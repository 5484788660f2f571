import { expect, expectAccessible, signIn, test, type Page } from '../fixtures';
import { deleteTicked, openStack, row } from '../steps';

// The Grid View without a mouse: the ARIA grid pattern. One tab stop; keys move through its cells.

test.skip(({ isMobile }) => isMobile, 'a desk’s keyboard');

function grid(page: Page) {
  return page.getByRole('grid', { name: 'Leads' });
}

/** Where the focus is: the row's `aria-rowindex` (the headings are 1) and what has it. */
async function focus(page: Page): Promise<string> {
  return page.evaluate(() => {
    const it = document.activeElement!;
    const row = it.closest('tr')?.getAttribute('aria-rowindex');
    const cell = it.closest('th, td');
    return `${row} ${cell ? [...cell.parentElement!.children].indexOf(cell) : '-'} ${it.tagName.toLowerCase()}`;
  });
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Goes into the grid with Tab, from what stands before it. */
async function enter(page: Page): Promise<void> {
  await expect(grid(page).locator('[tabindex="0"]')).toHaveCount(1);
  await page.getByRole('button', { name: 'Refresh' }).focus();
  const inside = () => page.evaluate(() => document.activeElement!.closest('table') !== null);
  for (let n = 0; n < 6 && !(await inside()); n++) await press(page, 'Tab');
  expect(await focus(page)).toBe('2 0 input');
}

test('the grid is one tab stop, and arrows move through its cells', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await expect(grid(page)).toHaveAttribute('aria-multiselectable', 'true');
  await expect(grid(page)).toHaveAttribute('aria-rowcount', '301');
  await expect(grid(page).locator('[tabindex="0"]')).toHaveCount(1);

  await enter(page);
  await press(page, 'ArrowRight');
  expect(await focus(page)).toBe('2 1 a');
  await press(page, 'ArrowRight', 'ArrowDown');
  expect(await focus(page)).toBe('3 2 td');
  await press(page, 'End');
  expect(await focus(page)).toBe('3 8 td');
  await press(page, 'Home');
  expect(await focus(page)).toBe('3 0 input');
  await press(page, 'ArrowUp', 'ArrowUp', 'ArrowRight');
  expect(await focus(page)).toBe('1 1 a');
  await expect(grid(page).locator('[tabindex="0"]')).toHaveCount(1);
  await press(page, 'Tab');
  expect(await page.evaluate(() => document.activeElement!.closest('table'))).toBeNull();
  await press(page, 'Shift+Tab');
  expect(await focus(page)).toBe('1 1 a');
});

test('the last row and the first are one key away, though they are not loaded', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await enter(page);

  await press(page, 'Control+End');
  await expect.poll(() => focus(page)).toBe('301 8 td');
  await expect(grid(page).locator('tr[aria-rowindex="301"] .ref')).toBeVisible();
  await press(page, 'PageUp');
  await expect.poll(() => focus(page)).toMatch(/^2[89]\d 8 td$/);
  await press(page, 'Control+Home');
  await expect.poll(() => focus(page)).toBe('2 0 input');
  await press(page, 'PageDown');
  await expect.poll(() => focus(page)).toMatch(/^1\d 0 input$/);
  await press(page, 'PageUp', 'PageUp');
  await expect.poll(() => focus(page)).toBe('2 0 input');
});

test('Space ticks, with shift a range, and an arrow with shift row by row', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await enter(page);

  await press(page, 'Space');
  await expect(page.getByText('1 selected', { exact: true })).toBeVisible();
  await expect(grid(page).locator('tr[aria-rowindex="2"]')).toHaveAttribute('aria-selected', 'true');
  await press(page, 'ArrowDown', 'ArrowDown', 'ArrowRight', 'Shift+Space');
  await expect(page.getByText('3 selected', { exact: true })).toBeVisible();
  await press(page, 'Shift+ArrowDown', 'Shift+ArrowDown');
  await expect(page.getByText('5 selected', { exact: true })).toBeVisible();
  await press(page, 'Shift+ArrowUp');
  await expect(page.getByText('4 selected', { exact: true })).toBeVisible();
  await press(page, 'Space');
  await expect(page.getByText('3 selected', { exact: true })).toBeVisible();
});

test('Ctrl+A takes the whole of what stack and search show, for who may', async ({ page, otherPage }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await enter(page);
  await press(page, 'Control+a');
  await expect(page.getByText('300 selected', { exact: true })).toBeVisible();

  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  await grid(otherPage).locator('.who').first().focus();
  await press(otherPage, 'Control+a');
  const bar = otherPage.getByRole('group', { name: 'Selection' });
  await expect(bar).toContainText(/\d00 selected/);
});

test('Enter opens the lead, Escape closes it, and the focus stays', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await enter(page);
  await press(page, 'ArrowDown', 'ArrowRight', 'ArrowRight');
  const here = await focus(page);

  await press(page, 'Enter');
  await expect(page.getByRole('complementary', { name: /^Lead L-/ })).toBeVisible();
  await expectAccessible(page);
  expect(await focus(page)).toBe(here);
  await press(page, 'Escape');
  await expect(page.getByRole('complementary', { name: /^Lead L-/ })).toHaveCount(0);
  await expect.poll(() => focus(page)).toBe(here);
});

test('the focus stays on its lead while others delete, and while one scrolls away', async ({ page, otherPage }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  await enter(page);
  await press(page, 'ArrowDown', 'ArrowRight');
  const lead = (await page.evaluate(() => document.activeElement!.closest('tr')!.querySelector('.ref')!.textContent))!;

  await row(otherPage, lead).getByRole('checkbox').check();
  await deleteTicked(otherPage, 'Duplicate', 1);
  await expect(row(page, lead)).toContainText('leaves the system at 19:00');
  await expect.poll(() => focus(page)).toBe('3 1 a');

  await page.getByRole('region', { name: 'Grid View' }).evaluate((it) => (it.scrollTop = 6_000));
  await expect(grid(page).locator('tr[aria-rowindex="140"] .ref')).toBeVisible();
  await expect.poll(() => focus(page)).toBe('3 1 a');
  await press(page, 'ArrowDown');
  await expect.poll(() => focus(page)).toBe('4 1 a');
  await expect(page.locator(':focus')).toBeInViewport();
});
