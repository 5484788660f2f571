import { axe, borders, structure } from '../look';
import { liveADay, walk } from '../walk';
import { deleteTicked, dialog, openStack, tick } from '../steps';
import { expect, goto, type Page, type Role, signIn, test } from '../fixtures';

// Every page and every state of it, light and dark, for whom it looks different.

// One worker after another, so that what was looked at can be counted.
test.describe.configure({ mode: 'default' });

const looked = new Set<string>();
let found = 0;

test.afterAll(({}, info) => {
  console.log(`axe: ${looked.size} pages and states on ${info.project.name}, ${found} findings`);
});

/** What axe, the structure and the borders say of the page as it stands, in both themes. */
async function look(page: Page, name: string, options: { framed?: boolean; whole?: boolean } = {}): Promise<string[]> {
  const { framed = true, whole = true } = options;
  looked.add(name);
  const wrong = whole ? await structure(page, framed) : [];
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const theme of ['light', 'dark']) {
    await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
    for (const words of [...(await axe(page)), ...(await borders(page))]) wrong.push(`${theme}: ${words}`);
  }
  await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), before);
  found += wrong.length;
  return wrong.map((words) => `${name}, ${words}`);
}

for (const role of ['Layer Admin', 'Agent', 'Auditor'] as Role[]) {
  test(`every page that the ${role} reaches`, async ({ page, layer }) => {
    test.setTimeout(240_000);
    await liveADay(page, layer);
    await signIn(page, role);
    const wrong: string[] = [];
    await walk(page, async (kind) => {
      wrong.push(...(await look(page, `${kind} as ${role}`)));
    });
    expect(wrong).toEqual([]);
  });
}

test('before anybody is known, and where nothing is', async ({ page }) => {
  const wrong: string[] = [];
  await goto(page, '/sign-in?wrong=yes');
  wrong.push(...(await look(page, 'sign-in', { framed: false })));
  await signIn(page, 'Agent');
  await goto(page, '/no/such/page');
  wrong.push(...(await look(page, 'no such page', { framed: false })));
  await goto(page, '/leads/L-999999');
  await expect(page.getByText('There is no such lead')).toBeVisible();
  wrong.push(...(await look(page, 'no such lead')));
  await goto(page, '/settings/reasons');
  await expect(page.getByText('Who may change settings: Layer Admin. Your Layer Admin is Maria Diaz.')).toBeVisible();
  wrong.push(...(await look(page, 'no right')));
  expect(wrong).toEqual([]);
});

test('where there is nothing to show', async ({ page }) => {
  const wrong: string[] = [];
  await signIn(page, 'Layer Admin');
  for (const [path, words] of [
    ['/work-stacks/1?q=zzzzqqq', /No lead matches/],
    ['/settings/lead-management', /Nothing is waiting/],
    ['/settings/lead-management?q=zzzzqqq', /matches|There is no/],
    ['/orders', /nothing|no /i],
  ] as const) {
    await goto(page, path);
    await expect(page.getByRole('main').getByText(words).first()).toBeVisible();
    wrong.push(...(await look(page, `empty ${path}`)));
  }
  expect(wrong).toEqual([]);
});

test('dialogs and what opens beside a page', async ({ page }) => {
  test.setTimeout(120_000);
  const wrong: string[] = [];
  const closed = async () => {
    await page.keyboard.press('Escape');
    await expect(dialog(page)).toBeHidden();
  };
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await page.getByRole('region', { name: 'Grid View' }).getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Contact records' })).toBeVisible();
  wrong.push(...(await look(page, 'the lead beside the grid')));
  await openStack(page, 'All leads');
  await tick(page, 2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByText('Not sure?').click();
  await dialog(page).getByRole('button', { name: 'Delete 2 leads', exact: true }).click();
  await expect(dialog(page)).toContainText('Choose a reason');
  wrong.push(...(await look(page, 'Delete, with what is wrong')));
  await closed();
  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Do not contact' });
  wrong.push(...(await look(page, 'Delete All')));
  await closed();
  await deleteTicked(page, 'Duplicate', 2);
  wrong.push(...(await look(page, 'the message')));
  await goto(page, '/settings/lead-management');
  for (const [button, name] of [
    [page.getByRole('button', { name: 'Remove Deletions' }), 'Remove Deletions'],
    [page.getByRole('button', { name: 'Run now' }), 'Run now'],
    [page.getByRole('button', { name: /^Delete now/ }).first(), 'the X'],
  ] as const) {
    await button.click();
    await expect(dialog(page)).toBeVisible();
    await expect(dialog(page).locator('.skeleton')).toHaveCount(0);
    wrong.push(...(await look(page, name)));
    await closed();
  }
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Go to or do' }).fill('le');
  await expect(page.getByRole('option').first()).toBeVisible();
  wrong.push(...(await look(page, 'the palette')));
  await closed();
  await page.keyboard.press('?');
  await expect(dialog(page)).toContainText('Keyboard shortcuts');
  wrong.push(...(await look(page, 'the shortcuts')));
  expect(wrong).toEqual([]);
});

test('while answers are on their way', async ({ page }) => {
  const wrong: string[] = [];
  await signIn(page, 'Layer Admin');
  for (const [path, endpoint] of [
    ['/work-stacks/1', '**/api/work-stacks/grid'],
    ['/settings/lead-management', '**/api/queue/**'],
    ['/audit-log', '**/api/audit/**'],
    ['/settings/reasons', '**/api/settings/**'],
  ] as const) {
    await goto(page, '/account');
    let go = () => {};
    const held = new Promise<void>((done) => (go = done));
    await page.route(endpoint, async (route) => {
      await held;
      await route.continue();
    });
    await page.locator(`a[href="${path}"]`).first().evaluate((link: HTMLElement) => link.click());
    await expect(page.locator('.skeleton').first()).toBeVisible();
    wrong.push(...(await look(page, `loading ${path}`, { whole: false })));
    go();
    await expect(page.locator('main > .skeleton, .body > .skeleton')).toHaveCount(0);
    await page.unroute(endpoint);
  }
  // Before a page's rows are there, it has no heading yet.
  expect(wrong.filter((words) => !/level-one heading/.test(words))).toEqual([]);
});

test.describe('cut off', () => {
  test.use({ cutOff: true });

  test('while the server can’t be reached, and once it is left', async ({ page, layer }) => {
    const wrong: string[] = [];
    await signIn(page, 'Layer Admin');
    await openStack(page, 'All leads');
    await page.route('**/api/**', (route) => route.abort());
    await page.getByRole('button', { name: 'Refresh' }).first().click();
    await expect(page.getByText('The server can’t be reached.')).toBeVisible();
    wrong.push(...(await look(page, 'not reachable')));
    await page.unroute('**/api/**');
    await page.getByRole('button', { name: 'Retry' }).click();
    await expect(page.getByText('The server can’t be reached.')).toBeHidden();
    await layer.write('DELETE FROM session');
    await expect(page.getByText('You are signed out. What you see')).toBeVisible();
    wrong.push(...(await look(page, 'signed out elsewhere')));
    expect(wrong).toEqual([]);
  });
});
