import { deleteTicked, dialog, openStack, tick } from '../steps';
import { expect, goto, type Page, signIn, test } from '../fixtures';

// Answers come in any order: an older one never replaces a newer.

/** Holds the next answer of an endpoint back; what is given lets it through. Later ones come as they come. */
async function holdNext(page: Page, endpoint: string): Promise<{ asked: Promise<void>; release: () => Promise<void> }> {
  let begun = () => {};
  let go = () => {};
  let over = () => {};
  const asked = new Promise<void>((done) => (begun = done));
  const held = new Promise<void>((done) => (go = done));
  const arrived = new Promise<void>((done) => (over = done));
  let first = true;
  await page.route(endpoint, async (route) => {
    if (!first) return route.continue();
    first = false;
    // The server answers now; the page hears of it later.
    const response = await route.fetch();
    begun();
    await held;
    await route.fulfill({ response });
    over();
  });
  const release = async () => {
    go();
    await arrived;
    // The page has it, and has drawn what it makes of it.
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  };
  return { asked, release };
}

test('on My deletions', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, '/orders');
  const order = page.getByRole('row').filter({ has: page.getByRole('link', { name: '1 lead', exact: true }) });
  await expect(order).toContainText('1 waiting');
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  const { asked, release } = await holdNext(page, '**/api/orders/mine');

  // Somebody else's act has the page read, before the lead leaves.
  await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Duplicate', 1);
  await asked;
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await expect(order).toContainText('1 deleted');
  await release();

  await expect(order).toContainText('1 deleted');
});

test('on an asked draft', async ({ page, otherPage }) => {
  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 1);
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByText('Not sure?').click();
  await dialog(otherPage).getByLabel('Your question').fill('A twin?');
  await dialog(otherPage).getByRole('button', { name: 'Ask first', exact: true }).click();
  await expect(dialog(otherPage)).toBeHidden();
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await page.getByRole('link', { name: 'Tom Baker asks about 1 lead' }).click();
  await expect(page.getByRole('button', { name: 'Dismiss', exact: true })).toBeVisible();
  const { asked, release } = await holdNext(page, '**/api/ask-first/draft');

  await deleteOne(otherPage);
  await asked;
  await page.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await dialog(page).getByRole('button', { name: 'Dismiss', exact: true }).click();
  await expect(page.getByText('Dismissed by Maria Diaz')).toBeVisible();
  await release();

  await expect(page.getByText('Dismissed by Maria Diaz')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Dismiss', exact: true })).toHaveCount(0);
});

async function deleteOne(page: Page): Promise<void> {
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
}
