import { type Page, expect, goto, hydrated, screenshot, signIn, test } from '../fixtures';

const CSV = [
  'Lead ID,First Name,Last Name,Phone,Email,Lead Source,Country',
  'A1,Ada,Lovelace,020 7946 0018,ada@example.com,Website,GB',
  'A2,Grace,Hopper,,,Referral,US',
  ',,,,,,',
].join('\r\n');

async function upload(page: Page, name: string, content: Buffer | string) {
  await goto(page, '/import');
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  const button = page.getByRole('button', { name: /upload|preview/i });
  await button.first().click();
  await page.waitForURL(/[?&]id=/);
  await hydrated(page);
}

test('a Salesforce export comes in once, however often it is imported', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await upload(page, 'leads.csv', CSV);
  await expect(page.getByText('Ada').first()).toBeVisible();
  await expect(page.getByRole('heading', { name: '2 rows can be imported' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Refused rows' })).toContainText('Line 4');
  await screenshot(page, 'import', 'as-it-is');
  await page.getByRole('button', { name: 'Import the valid rows' }).click();

  await expect(page.getByText(/2\s+(leads\s+)?imported|imported\s*2/i).first()).toBeVisible();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 302 });
  await upload(page, 'leads.csv', CSV);
  await page.getByRole('button', { name: 'Import the valid rows' }).click();
  await expect(page.getByText(/unchanged/i).first()).toBeVisible();
  await expect.poll(async () => JSON.parse(await layer.command('stats', '--json')).leads).toBe(302);
});

test('what is guessed is told before anything comes in, and refused rows can be downloaded', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  const rows = ['Name,Phone,Status', 'Ada,020 7946 0018,whatever', '=1+1', 'Bo,12,New'];
  await upload(page, 'leads.csv', rows.join('\n'));
  await expect(page.getByText('In 1 row the status isn\'t known', { exact: false })).toContainText('Line 2.');
  await expect(page.getByText('In 1 row a telephone number isn\'t valid', { exact: false })).toContainText('Line 4.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300 });
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download them' }).click()]);
  const pieces: Buffer[] = [];
  for await (const piece of await download.createReadStream()) pieces.push(piece as Buffer);
  const csv = Buffer.concat(pieces).toString('utf8');
  expect(csv).toContain('Line,Why,Name,Phone,Status');
  expect(csv).toMatch(/^3,.*,'=1\+1\r?$/m);
});

test('where every row is valid the button says how many', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await upload(page, 'leads.csv', 'Name,Phone\nAda,020 7946 0018\nBo,020 7946 0019\n');
  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByText(/2\s+leads\s+imported/i)).toBeVisible();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 302 });
});

test('a compressed file is refused with a sentence', async ({ page }) => {
  await signIn(page, 'Manager');
  await goto(page, '/import');
  const buffer = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  await page.locator('input[type=file]').setInputFiles({ name: 'leads.csv.gz', mimeType: 'application/gzip', buffer });
  await page.getByRole('button', { name: 'Upload and preview' }).click();
  await expect(page.getByRole('alert')).toContainText('Unpack it first');
});
