import { room } from '../look';
import { liveADay, walk } from '../walk';
import { deleteTicked, dialog, openStack, tick } from '../steps';
import { expect, goto, type Page, signIn, test } from '../fixtures';

// Layer in a hand, and at 400 % zoom: a window of 1280 px is then 320 wide.

const FINGER = 44;
const POINTER = 24;

/** Measures every page that a Layer Admin reaches. */
async function measure(page: Page, smallest: number): Promise<void> {
  const wrong: string[] = [];
  const pages = await walk(page, async (kind) => {
    for (const words of await room(page, smallest)) wrong.push(`${kind}: ${words}`);
  });
  expect(pages.length).toBeGreaterThan(10);
  expect(wrong, 'what doesn’t fit, or is too small to press').toEqual([]);
}

test('every page fits, and everything on it can be pressed', async ({ page, layer }, info) => {
  test.setTimeout(180_000);
  await liveADay(page, layer);
  await measure(page, info.project.name === 'phone' ? FINGER : POINTER);
});

test('at 400 % zoom every page still fits', async ({ page, layer }, info) => {
  test.setTimeout(180_000);
  await liveADay(page, layer);
  await page.setViewportSize(info.project.name === 'phone' ? { width: 320, height: 640 } : { width: 320, height: 256 });
  await measure(page, POINTER);
});

test('dialogs fill a phone, and their buttons are in sight', async ({ page }, info) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  // The frozen leads are counted: what stands in the dialog from here on stays.
  await expect(dialog(page).getByLabel('Reason', { exact: true })).toBeVisible();
  const cancel = dialog(page).getByRole('button', { name: 'Cancel' });
  await expect(cancel).toBeInViewport();

  expect(await room(page, info.project.name === 'phone' ? FINGER : POINTER)).toEqual([]);
  if (info.project.name === 'phone') {
    expect(await dialog(page).boundingBox()).toMatchObject({ x: 0, y: 0, width: 390, height: 844 });
  }
  await page.setViewportSize({ width: 320, height: 256 });
  await cancel.scrollIntoViewIfNeeded();
  await expect(cancel).toBeInViewport();
  expect(await room(page, POINTER)).toEqual([]);
});

test('the X of a row is in sight without pointing at it', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const leads = await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  for (const lead of leads) {
    const x = page.getByRole('button', { name: `Delete now: ${lead}`, exact: true });
    await x.scrollIntoViewIfNeeded();
    // Scrolled to, it may end a fraction of a pixel below the edge.
    await expect(x).toBeInViewport({ ratio: 0.98 });
  }
});

test('who wants less motion gets none', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);

  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});
