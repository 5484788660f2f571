import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test as base, expect, type ConsoleMessage, type Page } from '@playwright/test';
import { copyDemo, createDemo, Layer, withFolder } from './server';

export { expect, Layer };
export type { Page };

/** The roles of the demo; each has a person, signed in by one click. */
export type Role = 'Agent' | 'Team Leader' | 'Manager' | 'Layer Admin' | 'Auditor';

interface TestFixtures {
  /** A server of this test's own, with 300 made-up leads, and a clock that the test sets. */
  layer: Layer;
  /** Another person's browser, watched like `page`. */
  otherPage: Page;
  /** The test takes the server away: that calls fail then is what it asks for. */
  cutOff: boolean;
}

interface WorkerFixtures {
  demo: string;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demo: [
    async ({}, use) => {
      await withFolder(async (folder) => {
        const file = join(folder, 'demo.db');
        await createDemo(file);
        await use(file);
      });
    },
    { scope: 'worker' },
  ],

  layer: async ({ demo }, use, info) => {
    await withFolder(async (folder) => {
      const file = join(folder, 'layer.db');
      await copyDemo(demo, file);
      const layer = await Layer.start(file);
      try {
        await use(layer);
      } finally {
        await layer.stop();
        if (info.status !== info.expectedStatus) await info.attach('server', { body: layer.said });
      }
    });
  },

  baseURL: async ({ layer }, use) => {
    await use(layer.url);
  },

  cutOff: [false, { option: true }],

  page: async ({ page, cutOff }, use) => {
    const complaints = watch(page, cutOff);
    await use(page);
    expect(complaints, 'errors in the browser').toEqual([]);
  },

  otherPage: async ({ browser, layer, contextOptions }, use) => {
    const context = await browser.newContext({ ...contextOptions, baseURL: layer.url });
    const page = await context.newPage();
    const complaints = watch(page);
    await use(page);
    await context.close();
    expect(complaints, 'errors in the other browser').toEqual([]);
  },
});

/** Collects what the browser complains of: errors, panics, and violations of the content security policy. */
function watch(page: Page, cutOff = false): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error' || isRefusal(message) || (cutOff && isFailure(message))) return;
    complaints.push(message.text());
  });
  return complaints;
}

/** Chromium reports each 4xx as an error. A refusal is an answer that tests ask for; a 5xx never is. */
function isRefusal(message: ConsoleMessage): boolean {
  return /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
}

/** A call that didn't reach the server. */
function isFailure(message: ConsoleMessage): boolean {
  return /net::ERR_(FAILED|CONNECTION|INTERNET_DISCONNECTED|INCOMPLETE_CHUNKED|EMPTY_RESPONSE)/.test(message.text());
}

/** Opens a page and waits until it can be used: before it is hydrated, a click would be lost. */
export async function goto(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** Waits until the page that is loaded has been hydrated. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
}

/** Signs in as the demo's person of that role. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await goto(page, '/sign-in');
  await page.getByRole('button', { name: `Sign in as ${role}`, exact: true }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await hydrated(page);
}

/** Has axe look at the page (WCAG 2.2, A and AA), and fails on what it finds. */
export async function expectAccessible(page: Page): Promise<void> {
  // Evaluated, not added as a script element: the content security policy refuses those, as it should.
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const found = await page.evaluate(async () => {
    // What is still fading in has another contrast than what people read.
    const passing = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map((it) => it.finished));
    const axe = (window as unknown as { axe: typeof import('axe-core') }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return violations.map(({ help, nodes }) => `${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  });
  expect(found, 'what axe found').toEqual([]);
}

/** Has axe look at the page as it stands, dialogs and all, in light and in dark; a picture of each under that name. */
export async function expectAccessibleInBothThemes(page: Page, name?: string): Promise<void> {
  const before = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const [theme, suffix] of [['light', ''], ['dark', '-dark']]) {
    await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), theme);
    await expectAccessible(page);
    if (name) await picture(page, name, suffix);
  }
  await page.evaluate((theme) => (document.documentElement.dataset.theme = theme), before);
}

async function picture(page: Page, name: string, suffix: string): Promise<void> {
  if (process.env.LAYER_SCREENSHOTS !== '1') return;
  const folder = resolve(__dirname, '../docs/screenshots');
  await mkdir(folder, { recursive: true });
  const stem = test.info().project.name === 'phone' ? `${name}-phone` : name;
  await page.screenshot({ path: join(folder, `${stem}${suffix}.png`) });
}

/**
 * Writes `docs/screenshots/NAME.png` and `NAME-dark.png` (on the phone `NAME-phone…`) when LAYER_SCREENSHOTS=1.
 * The page is loaded again for each theme: call it where that loses nothing, or say which one theme is wanted.
 */
export async function screenshot(page: Page, name: string, theme?: 'as-it-is'): Promise<void> {
  if (process.env.LAYER_SCREENSHOTS !== '1') return;
  const folder = resolve(__dirname, '../docs/screenshots');
  await mkdir(folder, { recursive: true });
  const stem = join(folder, test.info().project.name === 'phone' ? `${name}-phone` : name);
  if (theme === 'as-it-is') {
    await page.screenshot({ path: `${stem}.png` });
    return;
  }
  for (const [value, path] of [['light', `${stem}.png`], ['dark', `${stem}-dark.png`]]) {
    await page.context().addCookies([{ name: 'theme', value, url: page.url() }]);
    await page.reload();
    await hydrated(page);
    await page.screenshot({ path });
  }
  await page.context().clearCookies({ name: 'theme' });
}
