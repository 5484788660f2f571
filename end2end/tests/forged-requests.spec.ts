import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, signIn, test } from '../fixtures';

/** What another site's page can make a browser send, without being asked. */
const ATTEMPTS = `<!doctype html><body><script>
async function attempt(target) {
  const send = (options) => fetch(target, { mode: 'no-cors', credentials: 'include', ...options }).catch(() => {});
  await send({ method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"lead":"L-1"}' });
  await send({ method: 'POST', body: new URLSearchParams({ lead: 'L-1' }) });
  const form = new FormData(); form.set('lead', 'L-1');
  await send({ method: 'POST', body: form });
  await send({ method: 'GET' });
  await new Promise((done) => { const image = new Image(); image.onload = image.onerror = done; image.src = target; });
}
</script></body>`;

const ENDPOINTS = ['/sign-out', '/theme', '/api/queue/pause', '/api/queue/run-now', '/api/urgent-deletion/delete-now', '/api/removal/remove', '/api/drafts/confirm', '/api/settings/save-hours', '/import/upload'];

test('another site’s page can make no request that does anything', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  const before = await layer.command('stats', '--json');
  const status = await layer.command('queue', 'status', '--json');
  const other = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(ATTEMPTS));
  await new Promise<void>((ready) => other.listen(0, 'localhost', ready));
  try {
    const attacker = await page.context().newPage();
    await attacker.goto(`http://localhost:${(other.address() as AddressInfo).port}/`);
    for (const endpoint of ENDPOINTS) {
      await attacker.evaluate(`attempt(${JSON.stringify(layer.url + endpoint)})`);
    }
    await attacker.close();
  } finally {
    other.close();
  }

  expect(await layer.command('stats', '--json')).toBe(before);
  expect(await layer.command('queue', 'status', '--json')).toBe(status);
  await page.goto('/account');
  expect(page.url()).toContain('/account');
});
