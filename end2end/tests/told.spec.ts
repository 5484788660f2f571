import { deleteTicked, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Layer, type Page, signIn, test } from '../fixtures';

// "If a deletion fails or isn't processed within 48 hours, contact your Layer Admin for support." They have been told.

const banner = (page: Page) => page.getByRole('main').locator('.banner');
const badge = (page: Page) => page.getByRole('list', { name: 'Settings' }).getByRole('link', { name: /^Lead Management/ });

/** Deletes one lead that another record holds on to, and lets the queue try until it gives up. */
async function fail(page: Page, layer: Layer): Promise<string> {
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await layer.write('CREATE TABLE claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)');
  await layer.write(`INSERT INTO claim (lead) VALUES (${lead.replace('L-', '')})`);
  await layer.setClock('2026-11-24T19:00:01Z');
  for (let tries = 0; tries < 5; tries++) {
    await layer.drain();
    await layer.advance({ hours: 1, minutes: 1 });
  }
  return lead;
}

async function ready(layer: Layer): Promise<object> {
  return (await fetch(`${layer.url}/readyz`)).json();
}

test('a failed deletion is told by banner, badge, log and /readyz', async ({ page, layer }, info) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/account');
  await expect(banner(page)).toHaveCount(0);
  expect(await ready(layer)).toMatchObject({ ready: true, failed: 0, overdue: 0 });
  const lead = await fail(page, layer);

  await goto(page, '/account');
  await expect(banner(page)).toContainText('1 deletion failed.');
  if (info.project.name !== 'phone') await expect(badge(page)).toContainText('1');
  await expectAccessibleInBothThemes(page, 'told');
  expect(await ready(layer)).toMatchObject({ ready: true, failed: 1, overdue: 0 });
  await expect.poll(() => layer.said).toContain("deletions failed or weren't processed within 48 hours");
  expect(layer.said).not.toContain(lead);

  await banner(page).getByRole('link', { name: 'Open Lead Management' }).click();
  await expect(row(page, lead)).toContainText('Failed: another record refers to it.');
});

test('an overdue deletion is told, and no more once it is gone', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await layer.advance({ hours: 49 });
  await signIn(page, 'Layer Admin');
  await goto(page, '/work-stacks');
  await expect(banner(page)).toContainText('2 deletions not processed within 48 hours.');
  expect(await ready(layer)).toMatchObject({ overdue: 2 });

  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await layer.setClock('2026-11-26T20:00:00Z');
  await layer.drain();
  await expect(banner(page)).toHaveCount(0);
  expect(await ready(layer)).toMatchObject({ overdue: 0 });
});

test('the banner is for who can do something about it', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Layer Admin');
  await fail(otherPage, layer);
  await signIn(page, 'Manager');
  await goto(page, '/settings/lead-management');
  await expect(page.getByText(/Ask a Layer Admin:/)).toBeVisible();
  await expect(banner(page)).toHaveCount(0);
});
