import { deleteTicked, dialog, openStack, tick } from './steps';
import { goto, type Layer, type Page, signIn } from './fixtures';

/** Walking every page that there is for somebody: by its links, so that a new page is walked without being named here. */

/** Leads look alike, and so do orders: one address of each kind is enough. */
function kind(path: string): string {
  return path
    .replace(/[?#].*$/, '')
    .split('/')
    .map((part) => (/^(L-)?\d+$/.test(part) || /^[0-9a-f-]{36}$/.test(part) ? ':id' : part))
    .join('/');
}

/** Opens every page that links lead to, from the menu on, and calls `visit` on each. Returns their kinds. */
export async function walk(page: Page, visit: (kind: string) => Promise<void>): Promise<string[]> {
  const seen = new Set<string>(['/', '/sign-in']);
  const next = ['/account'];
  const visited: string[] = [];
  for (let path = next.shift(); path !== undefined; path = next.shift()) {
    if (seen.has(kind(path))) continue;
    seen.add(kind(path));
    await goto(page, path);
    visited.push(kind(path));
    const links = await page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLAnchorElement>('a[href^="/"]:not([download], [target])'), (link) => link.getAttribute('href')!),
    );
    next.push(...links);
    await visit(kind(path));
  }
  return visited;
}

/** Leaves traces of a day: an order, one that was undone, a question that waits, one that failed. Signed out of them all. */
export async function liveADay(page: Page, layer: Layer): Promise<void> {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByText('Not sure?').click();
  await dialog(page).getByLabel('Your question').fill('Are these two twins?');
  await dialog(page).getByRole('button', { name: 'Ask first', exact: true }).click();
  await dialog(page).waitFor({ state: 'hidden' });
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await layer.write('CREATE TABLE claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)');
  await layer.write(`INSERT INTO claim (lead) VALUES (${lead.replace('L-', '')})`);
  await layer.setClock('2026-11-24T19:00:01Z');
  for (let tries = 0; tries < 5; tries++) {
    await layer.drain();
    await layer.advance({ hours: 1, minutes: 1 });
  }
  await layer.setClock('2026-11-25T10:00:00Z');
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 3);
  await deleteTicked(page, 'Outdated', 3);
}
