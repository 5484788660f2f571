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
  await screenshot(page, 'import', 'as-it-is');
  await page.getByRole('button', { name: /^(Start|Import)/ }).click();

  await expect(page.getByText(/2\s+(leads\s+)?imported|imported\s*2/i).first()).toBeVisible();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 302 });
  await upload(page, 'leads.csv', CSV);
  await page.getByRole('button', { name: /^(Start|Import)/ }).click();
  await expect(page.getByText(/unchanged/i).first()).toBeVisible();
  await expect.poll(async () => JSON.parse(await layer.command('stats', '--json')).leads).toBe(302);
});
