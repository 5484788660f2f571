import { deleteTicked, dialog, message, openStack, row, stat, tick } from '../steps';
import { expect, goto, type Layer, type Page, signIn, test } from '../fixtures';

// "Note: Only users with the necessary role-based permissions can delete leads." Each role walks its day; what isn't its own
// has no control, its page answers 403 or 404, and the call behind it is refused and changes nothing.

const ID = '00000000-0000-0000-0000-000000000001';
const ALL = { Matching: { view: { work_stack: 1, search: '', order: null, hide_deletions: null }, as_of: { sequence: 1, highest: 'L-300', at: 1795514400000 }, except: [] } };
const CONFIRMATION = { draft: ID, reason: 'duplicate', details: '', typed: '', sentence_confirmed: false };
const HOURS = { zone: 'Europe/London', week: [null, null, null, null, null, null, null], closed_days: '', undo_time: '10', region: 'GB' };

/** What each right is for, as a page would send it. */
const CALLS: Record<string, [string, object][]> = {
  'see leads': [
    ['work-stacks/grid', { view: ALL.Matching.view }],
    ['leads/lead', { request: { lead: 'L-1', contact_records: 20, activities: 20 } }],
    ['palette/find', { typed: 'L-1' }],
  ],
  'delete leads': [
    ['drafts/leads', { stack: 1, selection: { Leads: ['L-1'] } }],
    ['drafts/confirm', { confirmation: CONFIRMATION }],
    ['ask-first/ask', { asking: { draft: ID, words: 'Twins?' } }],
    ['orders/undo', { order: ID }],
    ['orders/mine', { after: null }],
  ],
  'delete all': [['drafts/matching', { selection: ALL }]],
  'delete now': [
    ['urgent-deletions/delete-now', { urgent: { lead: 'L-1', because: { reason: 'duplicate', details: '', sentence_confirmed: false } } }],
    ['urgent-deletions/reasons', {}],
  ],
  'remove deletions': [
    ['removals/preview', { search: '' }],
    ['removals/remove', { removal: { search: '', groups: [], note: 'x' } }],
    ['removals/undo', { removal: ID }],
  ],
  'run the queue': [
    ['queue/run-now', { also_younger: true }],
    ['queue/pause', {}],
    ['queue/resume', {}],
    ['queue/retry', { lead: 'L-1' }],
    ['queue/confirm-held', { lead: 'L-1' }],
    ['ask-first/draft', { draft: ID }],
    ['ask-first/confirm', { confirmation: CONFIRMATION }],
    ['ask-first/dismiss', { dismissal: { draft: ID, words: '' } }],
  ],
  'see the queue': [
    ['queue/lead-management', {}],
    ['queue/rows', { request: { tab: 'open', search: '', after: null } }],
    ['orders/order', { order: ID, part: null }],
  ],
  'read the audit log': [['audit/log', { request: { search: {}, before: null } }]],
  redact: [['orders/redact', { order: ID }]],
  import: [
    ['imports/import', { import: ID }],
    ['imports/start', { import: ID }],
  ],
  settings: [
    ['settings/hours', {}],
    ['settings/save-hours', { form: HOURS }],
    ['settings/reasons', {}],
    ['work-stacks/settings', {}],
    ['work-stacks/set-hides-deletions', { stack: 1, hides: false }],
    ['settings/members', {}],
  ],
};

/** What a test can see of the database from outside: all numbers, and how many acts there were. */
async function everything(layer: Layer): Promise<string> {
  const told = [
    await layer.command('stats', '--json'),
    await layer.command('queue', 'status', '--json'),
    await layer.command('audit', 'verify'),
  ];
  return told.join('\n');
}

async function call(page: Page, endpoint: string, body: object): Promise<number> {
  return page.evaluate(
    async ([endpoint, body]) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/${endpoint}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return answer.status;
    },
    [endpoint, body] as const,
  );
}

/** None of these rights: each call answers 403, each page 403 or 404, and nothing has changed. */
async function isRefused(page: Page, layer: Layer, rights: string[], pages: string[]): Promise<void> {
  const before = await everything(layer);
  for (const right of rights) {
    for (const [endpoint, body] of CALLS[right]) expect(await call(page, endpoint, body), `${endpoint} (${right})`).toBe(403);
  }
  for (const path of pages) {
    const answer = await page.goto(path);
    expect([403, 404], path).toContain(answer?.status());
    expect(page.url(), path).toContain(path);
  }
  expect(await everything(layer)).toBe(before);
}

/** The links of the menu under Settings. */
async function settings(page: Page): Promise<string[]> {
  await goto(page, '/account');
  const links = page.getByRole('list', { name: 'Settings' }).filter({ visible: true }).getByRole('link');
  return (await links.allInnerTexts()).map((text) => text.replace(/\s*\d.*$/s, '').trim());
}

test('an Agent’s day: leads to read, nothing to delete', async ({ page, layer }) => {
  await signIn(page, 'Agent');
  await openStack(page, 'All leads');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await expect(page.getByRole('checkbox', { name: /^Select/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Delete|^Undo|^Ask first/ })).toHaveCount(0);
  await page.getByRole('region', { name: 'Grid View' }).getByRole('row').nth(1).getByRole('link').first().click();
  await expect(page.getByText('Contact records')).toBeVisible();
  expect(await settings(page)).toEqual([]);

  await isRefused(
    page,
    layer,
    ['delete leads', 'delete all', 'delete now', 'remove deletions', 'run the queue', 'see the queue', 'read the audit log', 'redact', 'import', 'settings'],
    ['/settings/lead-management', '/orders', '/audit-log', '/settings/reasons', '/settings/members', '/settings/business-hours', '/settings/work-stacks', `/settings/lead-management/asked/${ID}`],
  );
});

test('a Team Leader’s day: deletes what is ticked, sees own orders, undoes', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'New today');
  const [another] = await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Duplicate', 1);

  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await expect(page.getByRole('button', { name: 'Delete All' })).toHaveCount(0);
  const [lead] = await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  await expect(row(page, lead)).toBeVisible();
  await expect(row(page, another)).toHaveCount(0);
  for (const name of [/^Delete now/, /^Remove Deletions/, 'Run now', 'Pause', /^Retry/, /^Confirm/]) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
  const order = await row(page, lead).getByRole('link', { name: /Tom Baker/ }).getAttribute('href');
  await goto(page, '/orders');
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await expect(message(page)).toContainText('2 leads are back.');
  expect(await settings(page)).toEqual(expect.arrayContaining(['Lead Management', 'My deletions']));
  expect(await settings(page)).not.toEqual(expect.arrayContaining(['Audit log']));
  expect(order).toMatch(/orders\//);

  await isRefused(
    page,
    layer,
    ['delete all', 'delete now', 'remove deletions', 'run the queue', 'read the audit log', 'redact', 'import', 'settings'],
    ['/audit-log', '/settings/reasons', '/settings/members', '/settings/business-hours', '/settings/work-stacks', `/settings/lead-management/asked/${ID}`],
  );
  // Another's order is not there for who sees own orders alone.
  await goto(otherPage, '/settings/lead-management');
  const theirs = await row(otherPage, another).getByRole('link', { name: /Petra Lane/ }).getAttribute('href');
  expect((await page.goto(theirs!))?.status()).toBe(404);
});

test('a Manager’s day: a whole stack, Remove Deletions, the X, an import', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'No contact record');
  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Invalid' });
  await dialog(page).getByRole('button', { name: /^Delete \d+ leads?$/ }).click();
  await expect(dialog(page)).toBeHidden();
  await goto(page, '/settings/lead-management');
  const waiting = await stat(page, 'Deletions waiting');
  expect(waiting).toBeGreaterThan(0);
  await page.getByRole('button', { name: /^Delete now/ }).first().click();
  await dialog(page).getByRole('button', { name: 'OK', exact: true }).click();
  await expect(message(page)).toContainText('is deleted.');
  await page.getByRole('button', { name: 'Remove Deletions' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).fill('Wrong stack');
  await dialog(page).getByRole('button', { name: /^Remove/ }).click();
  await expect.poll(() => stat(page, 'Deletions waiting')).toBe(0);
  for (const name of ['Run now', 'Pause', /^Retry/, /^Confirm/]) {
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  }
  await goto(page, '/import');
  await expect(page.locator('input[type=file]')).toBeAttached();

  await isRefused(
    page,
    layer,
    ['run the queue', 'read the audit log', 'redact', 'settings'],
    ['/audit-log', '/settings/reasons', '/settings/members', '/settings/business-hours', '/settings/work-stacks', `/settings/lead-management/asked/${ID}`],
  );
});

test('a Layer Admin’s day: the queue, what is held, settings, the log', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.getByRole('button', { name: 'Run now' }).click();
  await dialog(page).getByRole('checkbox', { name: /also the 2 younger/i }).check();
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await layer.drain();
  await expect.poll(() => stat(page, 'Deleted')).toBe(2);
  const links = await settings(page);
  for (const name of ['Lead Management', 'My deletions', 'Import', 'Audit log', 'Work stacks', 'Reasons', 'Business hours', 'Members and roles']) {
    expect(links).toContain(name);
  }
  await goto(page, '/audit-log');
  await expect(page.getByRole('row').filter({ hasText: 'Maria Diaz' }).first()).toBeVisible();

  // What nobody may: an order in words that are none of its own, and one's draft twice.
  const before = await everything(layer);
  expect(await call(page, 'drafts/confirm', { confirmation: CONFIRMATION })).toBe(409);
  expect(await call(page, 'orders/undo', { order: ID })).toBe(404);
  expect(await everything(layer)).toBe(before);
});

test('an Auditor’s day: references without names, the log, and nothing to press', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  const [lead] = await tick(otherPage, 1);
  const name = await row(otherPage, lead).getByRole('link').first().innerText();
  await deleteTicked(otherPage, 'Duplicate', 1);

  await signIn(page, 'Auditor');
  await goto(page, '/settings/lead-management');
  await expect(row(page, lead)).toBeVisible();
  await expect(page.getByText(name)).toHaveCount(0);
  expect(await page.content()).not.toContain(name);
  for (const button of [/^Delete/, /^Remove/, 'Run now', 'Pause', /^Undo/]) {
    await expect(page.getByRole('main').getByRole('button', { name: button })).toHaveCount(0);
  }
  await row(page, lead).getByRole('link', { name: /Petra Lane/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('1 lead');
  await expect(page.getByText(name)).toHaveCount(0);
  await expect(page.getByRole('button', { name: /Undo|Redact/ })).toHaveCount(0);
  await goto(page, '/audit-log');
  await expect(page.getByRole('row').filter({ hasText: 'Petra Lane' }).first()).toBeVisible();
  expect(await settings(page)).toEqual(expect.arrayContaining(['Lead Management', 'Audit log']));

  await isRefused(
    page,
    layer,
    ['see leads', 'delete leads', 'delete all', 'delete now', 'remove deletions', 'run the queue', 'redact', 'import', 'settings'],
    ['/work-stacks/1', '/leads/L-1', '/orders', '/settings/reasons', '/settings/members', '/settings/business-hours', '/settings/work-stacks', `/settings/lead-management/asked/${ID}`],
  );
});
