import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// A lead that was edited after somebody looked isn't the one that they decided about.

/** Somebody writes a note on the lead, on its own page. */
async function writeNote(page: Page, reference: string): Promise<void> {
  await goto(page, `/leads/${reference}`);
  await page.getByRole('button', { name: 'Write a note' }).click();
  await page.getByLabel('Note', { exact: true }).fill('Called: wants a viewing after all.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(message(page).filter({ hasText: 'Saved.' })).toBeVisible();
}

test('a lead that was edited after the dialog opened is left out, and the message says so', async ({ page, otherPage }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const leads = await tick(page, 3);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await signIn(otherPage, 'Agent');
  await writeNote(otherPage, leads[1]);

  await dialog(page).getByRole('button', { name: 'Delete 3 leads', exact: true }).click();

  await expect(message(page)).toContainText('2 leads deleted. They leave the system at 19:00. 1 was left out: 1 changed since you looked.');
  await expect(row(page, leads[1]).getByRole('checkbox')).toBeEnabled();
  await message(page).getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByRole('main').getByText('1 was left out: 1 changed since you looked.')).toBeVisible();
});

test('a lead that was edited after the order is kept, and its panel and the order say so', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const leads = await tick(page, 2);
  await deleteTicked(page, 'Outdated', 2);

  await signIn(otherPage, 'Agent');
  await goto(otherPage, `/leads/${leads[0]}`);
  await expect(otherPage.getByText('Deleted, leaves at 19:00. A change keeps it.')).toBeVisible();
  await expectAccessibleInBothThemes(otherPage, 'lead-deleted');
  await writeNote(otherPage, leads[0]);
  await expect(otherPage.getByText('Deleted, leaves at 19:00. It changed since: the queue keeps it.')).toBeVisible();
  await signIn(otherPage, 'Manager');
  await goto(otherPage, '/settings/lead-management');
  await expect(row(otherPage, leads[0])).toContainText('Changed since: will be kept');
  await expect(row(otherPage, leads[1])).not.toContainText('Changed since');
  await expectAccessibleInBothThemes(otherPage, 'changed-since');
  await row(otherPage, leads[0]).getByRole('button', { name: /^Delete now/ }).click();
  await expect(dialog(otherPage)).toContainText('It was changed after it was ordered: the queue would keep it.');
  await dialog(otherPage).getByRole('button', { name: 'Cancel' }).click();
  await goto(otherPage, `/leads/${leads[0]}`);

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await message(page).getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByText('1 kept: changed since the order.')).toBeVisible();
  await page.getByRole('link', { name: 'Kept 1' }).click();
  await expect(row(page, leads[0])).toContainText('Kept: changed since');
  // Who looks at it sees that it stays.
  await expect(otherPage.getByText('Kept: changed since, 19:00')).toBeVisible();
  await goto(page, '/orders');
  await expect(page.getByRole('row').filter({ hasText: '2 leads' })).toContainText('1 kept: changed since the order.');
});

test('where the reason must be carried out it is deleted all the same', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Do not contact' });
  await dialog(page).getByRole('checkbox').check();
  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(page)).toBeHidden();

  await signIn(otherPage, 'Agent');
  await goto(otherPage, `/leads/${lead}`);
  await expect(otherPage.getByText('Deleted, leaves at 19:00. If it changes, it is deleted all the same.')).toBeVisible();
  await writeNote(otherPage, lead);
  await expect(otherPage.getByText('It changed since, and is deleted all the same.')).toBeVisible();

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  // Whoever has it open sees it go, and nothing of it stays on the page.
  await expect(otherPage.getByText('Deleted by Petra Lane at 19:00. Reason: Do not contact.')).toBeVisible();
  await expect(otherPage.getByText('wants a viewing')).toHaveCount(0);
});
