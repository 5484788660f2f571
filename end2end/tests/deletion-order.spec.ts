import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// "When deleting, you'll need to specify a reason, which is logged for audit purposes. You can also add extra details if
// necessary."

/** Deletes so many leads with extra details. */
async function deleteWith(page: Page, count: number, details: string): Promise<string[]> {
  const leads = await tick(page, count);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Other' });
  await dialog(page).getByLabel('Extra details').fill(details);
  await dialog(page).getByRole('button', { name: `Delete ${count} leads`, exact: true }).click();
  await expect(dialog(page)).toBeHidden();
  return leads;
}

test('My deletions says how each order stands, live, and undoes what waits', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const leads = await tick(page, 3);
  await deleteTicked(page, 'Duplicate', 3);
  await layer.write(`UPDATE lead SET revision = revision + 1 WHERE id = ${leads[0].replace('L-', '')}`);
  await goto(page, '/orders');
  const order = page.getByRole('row').filter({ has: page.getByRole('link', { name: '3 leads' }) });
  await expect(order).toContainText('3 waiting');
  await expect(order).toContainText('Leaves at 19:00.');

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await expect(order).toContainText('2 deleted');
  await expect(order).toContainText('1 kept: changed since the order.');
  await expect(order.getByRole('button', { name: 'Undo' })).toHaveCount(0);

  await layer.setClock('2026-11-25T10:00:00Z');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Outdated', 2);
  await goto(page, '/orders');
  await expectAccessibleInBothThemes(page, 'my-deletions');
  const second = page.getByRole('row').filter({ has: page.getByRole('link', { name: '2 leads' }) });
  await second.getByRole('button', { name: 'Undo' }).click();
  await expect(message(page)).toContainText('2 leads are back.');
  await expect(second).toContainText('2 kept: undone by Tom Baker.');
  await expect(second).toContainText('All leads');
});

test('a deletion that failed is counted in the badge of who ordered it', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
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

  await goto(page, '/orders');

  await expect(page.getByRole('row').nth(1)).toContainText('1 failed: another record refers to it. Remove that record, then press Retry.');
  if (test.info().project.name === 'desk') {
    await expect(page.getByRole('link', { name: 'My deletions 1' })).toBeVisible();
  } else {
    const more = page.getByRole('navigation', { name: 'Tabs' }).getByRole('link', { name: 'More 1' });
    await expect(more).toBeVisible();
    await expectAccessibleInBothThemes(page, 'needs-me');
    await more.click();
    await expect(page.getByRole('link', { name: 'My deletions 1' })).toBeVisible();
    await page.goBack();
  }
  await page.getByRole('link', { name: '1 lead', exact: true }).click();
  await expect(row(page, lead)).toContainText('Failed: another record refers to it.');
  await expectAccessibleInBothThemes(page, 'order-failed');
});

test('the order shows its leads by state, page by page', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await dialog(page).getByLabel('Type 300 to confirm').fill('300');
  await dialog(page).getByRole('button', { name: 'Delete 300 leads', exact: true }).click();
  await expect(dialog(page)).toBeHidden();
  await layer.write('UPDATE lead SET revision = revision + 1 WHERE id % 3 = 0');
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await message(page).getByRole('link', { name: 'See the order' }).click();
  const leads = page.getByRole('region', { name: 'Leads', exact: true });

  await leads.getByRole('link', { name: 'Deleted 200' }).click();
  await expect(leads.getByRole('row')).toHaveCount(101);
  await leads.getByRole('button', { name: 'Show more' }).click();
  await expect(leads.getByRole('row')).toHaveCount(201);
  await leads.getByRole('link', { name: 'Kept 100' }).click();
  await expect(leads.getByRole('row')).toHaveCount(101);
  await expect(leads.getByRole('row').nth(1)).toContainText('Kept: changed since');
  await expect(leads.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await page.reload();
  await expect(leads.getByRole('link', { name: 'Kept 100' })).toHaveAttribute('aria-current', 'page');
  await expectAccessibleInBothThemes(page, 'order-parts');
});

test('a Layer Admin blacks out the details, and the audit log can still be verified', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await deleteWith(page, 2, 'Asked by John Example, 07700 900123');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await page.getByRole('link', { name: /Petra Lane/ }).first().click();
  await expect(page.getByText('Asked by John Example, 07700 900123')).toBeVisible();

  await page.getByRole('button', { name: 'Redact details' }).click();
  await expectAccessibleInBothThemes(page, 'redact');
  await dialog(page).getByRole('button', { name: 'Redact', exact: true }).click();

  await expect(page.getByText('Redacted by Maria Diaz, 10:00.')).toBeVisible();
  await expect(page.getByText('John Example')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Redact details' })).toHaveCount(0);
  await expectAccessibleInBothThemes(page, 'order-redacted');
  expect(await layer.command('audit', 'verify')).toBeTruthy();
  await goto(page, '/audit-log');
  await expect(page.getByRole('row').filter({ hasText: 'Details redacted' }).first()).toBeVisible();
});
