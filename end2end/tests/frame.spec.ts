import { expect, type Page, signIn, test } from '../fixtures';

// The frame around every page: it stands while pages come and go.

/** Counts from now on how often the frame is taken out of the page. */
async function watchFrame(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const counted = window as unknown as { gone: number };
    counted.gone = 0;
    new MutationObserver((changes) => {
      for (const change of changes) {
        counted.gone += Array.from(change.removedNodes).filter((node) => (node as Element).matches?.('.app')).length;
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  return () => page.evaluate(() => (window as unknown as { gone: number }).gone);
}

test('the menu shows where one is, also where it reaches below its edge', async ({ page }) => {
  test.skip(test.info().project.name === 'phone', 'a phone has a page for it');
  await page.setViewportSize({ width: 1280, height: 480 });
  await signIn(page, 'Layer Admin');
  const link = page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Members and roles' });
  await expect(link).not.toBeInViewport();

  await page.goto('/settings/members');

  await expect(link).toBeInViewport();
});

test('on the way to another page the menu stands, and keeps the focus', async ({ page }, info) => {
  await signIn(page, 'Layer Admin');
  await expect(page.getByRole('checkbox', { name: /^Select L-/ }).first()).toBeVisible();
  const gone = await watchFrame(page);
  const link =
    info.project.name === 'phone'
      ? page.getByRole('navigation', { name: 'Tabs' }).getByRole('link', { name: 'Queue' })
      : page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: /^Reasons/ });
  await link.focus();

  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: /^(Reasons|Lead Management)$/, level: 1 })).toBeVisible();
  await expect(link).toBeFocused();
  expect(await gone()).toBe(0);
});
