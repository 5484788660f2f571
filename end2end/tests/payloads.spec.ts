import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../server';
import { deleteTicked, dialog, openStack, tick } from '../steps';
import { expect, goto, signIn, test } from '../fixtures';

const PAYLOADS = [
  '<script>alert(1)</script>',
  '</textarea><script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "'><svg onload=alert(1)>",
  'javascript:alert(1)',
  '<a href="javascript:alert(1)">x</a>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<!--<script>alert(1)</script>-->',
  ']]><script>alert(1)</script>',
  '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}',
  '<style>*{background:url(javascript:alert(1))}</style>',
  '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<details open ontoggle=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<base href="//evil.test/">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
  '<object data="javascript:alert(1)">',
  '</title><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</noscript><script>alert(1)</script>',
  '\u202Egnp.exe',
  '\u2066<b>\u2069',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  '=HYPERLINK("http://evil.test")',
  '+cmd|calc',
  '@SUM(1)',
  '-1+1',
  '\\"-alert(1)}//',
  "';alert(1)//",
  '`-alert(1)-`',
  '<ScRiPt>alert(1)</sCrIpT>',
  '<svg><script>alert&#40;1)</script></svg>',
  '<marquee onstart=alert(1)>',
  '<body onload=alert(1)>',
  '<video><source onerror=alert(1)></video>',
];

const cell = (text: string) => `"${text.replace(/"/g, '""')}"`;

test('nothing that leads bring along runs on any page', async ({ page, layer }) => {
  let dialogs = 0;
  page.on('dialog', async (shown) => {
    dialogs++;
    await shown.dismiss();
  });
  await withFolder(async (folder) => {
    const file = join(folder, 'payloads.csv');
    const rows = PAYLOADS.map((payload) => ['Name', 'Source', 'Owner', 'Country', 'Phone', 'Email', 'Note'].map(() => cell(payload)).join(','));
    await writeFile(file, ['Name,Source,Owner,Country,Phone,Email,Note', ...rows].join('\r\n'));
    await layer.command('import', file);
  });
  await signIn(page, 'Layer Admin');

  for (const path of ['/work-stacks', '/settings/lead-management', '/settings/lead-management?q=script', '/audit-log', '/import', '/orders']) {
    await goto(page, path);
  }
  await openStack(page, 'All leads');
  await page.getByRole('searchbox').fill('script');
  await expect(page).toHaveURL(/q=script/);
  for (let lead = 301; lead <= 340; lead++) {
    const answer = await page.goto(`/leads/L-${lead}`);
    expect(answer?.status()).toBe(200);
  }

  expect(dialogs).toBe(0);
  // The fixture fails the test on any error or violation of the content security policy.
});

test('nothing that is typed into a lead runs on any page', async ({ page }) => {
  let dialogs = 0;
  page.on('dialog', async (shown) => {
    dialogs++;
    await shown.dismiss();
  });
  await signIn(page, 'Layer Admin');
  await goto(page, '/leads/L-1');
  const save = page.getByRole('button', { name: 'Save' });
  for (const payload of PAYLOADS.filter((payload) => payload.includes('alert(1)')).slice(0, 7)) {
    await page.getByRole('button', { name: 'Write a note' }).click();
    await page.getByLabel('Note', { exact: true }).fill(payload);
    await save.click();
    await expect(page.getByRole('listitem').getByText(payload, { exact: true }).first()).toBeVisible();

    await page.getByRole('button', { name: 'Add a contact record' }).click();
    await page.getByLabel('Telephone').fill(payload);
    await save.click();
    const record = page.getByRole('listitem').filter({ hasText: payload }).filter({ hasText: 'not valid' });
    await expect(record).toBeVisible();
    await expect(record.getByRole('link')).toHaveCount(0);

    await page.getByRole('button', { name: 'Edit status and owner' }).click();
    await page.getByLabel('Owner', { exact: true }).fill(payload);
    await save.click();
    await expect(page.getByRole('definition').filter({ hasText: payload })).toBeVisible();
  }
  await goto(page, '/leads/L-1');
  await page.getByRole('button', { name: 'Edit status and owner' }).click();
  await expect(page.getByLabel('Owner', { exact: true })).toHaveValue(PAYLOADS.filter((payload) => payload.includes('alert(1)'))[6]);
  await openStack(page, 'All leads');
  await goto(page, '/audit-log');

  expect(dialogs).toBe(0);
});

test('nothing that leads bring along runs in a dialog, and it is shown as it was written', async ({ page, layer }) => {
  let dialogs = 0;
  page.on('dialog', async (shown) => {
    dialogs++;
    await shown.dismiss();
  });
  const payload = '<img src=x onerror=alert(1)>';
  await layer.write(`UPDATE lead SET name = '${payload}'`);
  await layer.write(`UPDATE work_stack SET name = '${payload}' WHERE id = 2`);
  await layer.write(`UPDATE reason SET label = '${payload}' WHERE code = 'duplicate'`);
  await layer.write(`UPDATE member SET name = '${payload}' WHERE email = 'manager@demo.test'`);
  await signIn(page, 'Manager');
  await goto(page, '/work-stacks/2');
  await expect(page.getByRole('heading', { level: 1, name: payload })).toBeVisible();

  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: payload });
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await tick(page, 1);
  await deleteTicked(page, payload, 1);
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: /^Delete now: / }).first().click();
  await expect(dialog(page)).toContainText(payload);
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Remove Deletions' }).click();
  await expect(dialog(page)).toContainText(payload);
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();

  expect(dialogs).toBe(0);
});
