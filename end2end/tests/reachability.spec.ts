import { deleteTicked, openStack, row, tick } from '../steps';
import { expect, goto, hydrated, screenshot, signIn, test } from '../fixtures';

// The server goes, the session ends, the right is missing: each is said in its own words, and what can be done.

test.use({ cutOff: true });

test('when the server stops, the page says from when it is, and keeps it', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);

  await layer.stop();

  const banner = page.getByRole('alert').filter({ hasText: 'The server can’t be reached.' });
  await expect(banner).toContainText(/What you see is from 10:0\d\./);
  await expect(row(page, lead).getByRole('checkbox')).toBeChecked();
  await banner.getByRole('button', { name: 'Retry' }).click();
  await expect(banner).toBeVisible();
  await screenshot(page, 'not-reachable', 'as-it-is');
});

test('once it is back the banner goes, and the page reads what it missed', async ({ page, otherPage }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Refresh' }).first().click();
  const banner = page.getByRole('alert').filter({ hasText: 'What you see is from' });
  await expect(banner).toBeVisible();
  const [lead] = await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Duplicate', 1);

  await page.context().setOffline(false);

  // By itself: Retry is for whoever doesn't want to wait.
  await expect(banner).toBeHidden();
  await expect(row(page, lead)).toContainText(/leaves/i);
});

test('who signs out in another tab is told in this one, and comes back to it', async ({ page, context }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'New today');
  const here = page.url();
  const other = await context.newPage();
  await goto(other, '/account');
  await other.getByRole('button', { name: 'Sign out' }).last().click();
  await other.waitForURL(/sign-in/);
  await other.close();

  const banner = page.getByRole('alert').filter({ hasText: 'You are signed out.' });
  await expect(banner).toBeVisible();
  // What stands behind isn't for who passes by.
  await expect(page.getByRole('region', { name: 'Grid View' })).toBeHidden();
  await banner.getByRole('link', { name: 'Sign in' }).click();
  await page.waitForURL(/sign-in/);
  await hydrated(page);
  await page.getByRole('button', { name: 'Sign in as Manager', exact: true }).click();

  await expect(page).toHaveURL(here);
  await expect(page.getByRole('heading', { name: 'New today' })).toBeVisible();
});

test('who may not open a page is told which roles may, and whom to ask', async ({ page }) => {
  await signIn(page, 'Agent');

  const answer = await page.goto('/settings/reasons');

  expect(answer?.status()).toBe(403);
  await expect(page.getByRole('alert')).toContainText(
    'Your role may not change settings. Ask a Layer Admin. Who may change settings: Layer Admin. Your Layer Admin is Maria Diaz.',
  );
  await screenshot(page, 'no-right', 'as-it-is');
});

test('eight tabs load, and all are live', async ({ page, context, otherPage }) => {
  test.setTimeout(60_000);
  await signIn(page, 'Layer Admin');
  const tabs = [page];
  while (tabs.length < 8) tabs.push(await context.newPage());
  await Promise.all(tabs.map((tab) => goto(tab, '/settings/lead-management')));
  for (const tab of tabs) await expect(tab.getByText('Live', { exact: true })).toBeVisible();
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  const [lead] = await tick(otherPage, 1);

  await deleteTicked(otherPage, 'Duplicate', 1);

  for (const tab of tabs) await expect(row(tab, lead)).toBeVisible();
});

test.describe('far away', () => {
  test.use({ timezoneId: 'America/New_York' });

  test('times are the company’s, and the frame says so', async ({ page }) => {
    await signIn(page, 'Manager');

    await expect(page.getByText('Times are in Europe/London.').filter({ visible: true })).toBeVisible();
    await screenshot(page, 'far-away', 'as-it-is');
  });
});

test('in the company’s own zone nothing is said of it', async ({ page }) => {
  await signIn(page, 'Manager');
  await expect(page.getByRole('region', { name: 'Grid View' })).toBeVisible();

  await expect(page.getByText(/Times are in/)).toHaveCount(0);
});
