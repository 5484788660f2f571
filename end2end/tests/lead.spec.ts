import { deleteTicked, message, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, hydrated, type Page, signIn, test } from '../fixtures';

// "Work stacks help you monitor and manage leads": a lead opens beside the grid, and who may edits it there.

/** Opens the first lead of the grid beside it, and gives its reference. */
async function openFirst(page: Page): Promise<string> {
  await openStack(page, 'All leads');
  const name = page.getByRole('region', { name: 'Grid View' }).getByRole('row').nth(1).getByRole('link').first();
  const reference = (await name.getAttribute('href'))!.replace('/leads/', '');
  await name.click();
  await expect(panel(page).getByRole('heading', { name: 'Contact records' })).toBeVisible();
  return reference;
}

function panel(page: Page) {
  return page.getByRole('complementary', { name: /^Lead L-/ });
}

/** The messages that stand; a later one doesn't hide an earlier one. */
function messages(page: Page) {
  return message(page).filter({ hasText: 'Saved.' });
}

async function writeNote(page: Page, text: string): Promise<void> {
  await panel(page).getByRole('button', { name: 'Write a note' }).click();
  await panel(page).getByLabel('Note', { exact: true }).fill(text);
  await panel(page).getByRole('button', { name: 'Save' }).click();
}

test('status and owner are edited beside the grid, and its row says so', async ({ page }) => {
  await signIn(page, 'Agent');
  const reference = await openFirst(page);
  await expectAccessibleInBothThemes(page, 'lead');

  await panel(page).getByRole('button', { name: 'Edit status and owner' }).click();
  await expect(panel(page).getByLabel('Status', { exact: true })).toBeFocused();
  await panel(page).getByLabel('Status', { exact: true }).selectOption({ label: 'Converted' });
  await panel(page).getByLabel('Owner', { exact: true }).fill('Quentin Owner');
  await panel(page).getByRole('button', { name: 'Save' }).click();

  await expect(messages(page)).toBeVisible();
  await expect(panel(page).getByRole('definition').filter({ hasText: 'Quentin Owner' })).toBeVisible();
  await expect(panel(page).getByRole('button', { name: 'Edit status and owner' })).toBeFocused();
  await panel(page).getByRole('button', { name: 'Close the panel' }).click();
  const row = page.getByRole('row').filter({ hasText: new RegExp(`${reference}(?!\\d)`) });
  await expect(row).toContainText('Converted');
});

test('contact records are added in any usual form, and removed', async ({ page }) => {
  await signIn(page, 'Agent');
  await openFirst(page);

  await panel(page).getByRole('button', { name: 'Add a contact record' }).click();
  await panel(page).getByLabel('Telephone').fill('(020) 7946-0999');
  await panel(page).getByLabel('E-mail').fill('ann at example');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await expect(panel(page)).toContainText('This is no e-mail address. Write it as in ann@example.com.');
  await expect(panel(page).getByLabel('Telephone')).toHaveValue('(020) 7946-0999');
  await expectAccessibleInBothThemes(page, 'lead-editing');
  await panel(page).getByLabel('E-mail').fill('ann.example@example.com');
  await panel(page).getByRole('button', { name: 'Save' }).click();

  const number = panel(page).getByRole('link', { name: '+44 20 7946 0999' });
  await expect(number).toHaveAttribute('href', 'tel:+442079460999');
  await expect(panel(page).getByRole('link', { name: 'ann.example@example.com' })).toHaveAttribute('href', 'mailto:ann.example@example.com');

  await panel(page).getByRole('button', { name: 'Remove contact record +44 20 7946 0999' }).click();
  const question = panel(page).getByRole('group', { name: 'Remove this contact record?' });
  await expect(question.getByRole('button', { name: 'Keep' })).toBeFocused();
  await question.getByRole('button', { name: 'Keep' }).click();
  await expect(number).toBeVisible();
  await panel(page).getByRole('button', { name: 'Remove contact record +44 20 7946 0999' }).click();
  await expectAccessibleInBothThemes(page);
  await question.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(number).toHaveCount(0);
});

test('a number that is not valid is kept and says so', async ({ page }) => {
  await signIn(page, 'Agent');
  await openFirst(page);
  await panel(page).getByRole('button', { name: 'Add a contact record' }).click();
  await panel(page).getByLabel('Telephone').fill('12345');
  await panel(page).getByRole('button', { name: 'Save' }).click();

  const record = panel(page).getByRole('listitem').filter({ hasText: '12345' });
  await expect(record).toContainText('not valid');
  await expect(record.getByRole('link')).toHaveCount(0);
});

test('notes are written, and shown page by page', async ({ page, layer }) => {
  await signIn(page, 'Agent');
  const reference = await openFirst(page);
  await writeNote(page, 'Called twice.\nNobody at home.');
  const note = panel(page).getByRole('listitem').filter({ hasText: 'Called twice.' });
  await expect(note).toContainText('Note, 10:00, ');
  await expect(messages(page)).toBeVisible();

  const lead = reference.replace('L-', '');
  for (let n = 100; n < 125; n++) {
    await layer.write(`INSERT INTO activity (lead, n, kind, at, text) VALUES (${lead}, ${n}, 'note', ${n}, 'Old note ${n}')`);
  }
  await layer.write(`UPDATE lead SET activity_count = (SELECT COUNT(*) FROM activity WHERE lead = ${lead}) WHERE id = ${lead}`);
  await page.goto(`/leads/${reference}`);
  await hydrated(page);
  await expect(page.getByText('Old note 100', { exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Show more activities' }).click();
  await expect(page.getByText('Old note 100', { exact: true })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'lead-page');
});

test('Esc closes a form and keeps what was typed; once more it closes the panel', async ({ page }) => {
  await signIn(page, 'Agent');
  await openFirst(page);
  await panel(page).getByRole('button', { name: 'Write a note' }).click();
  await panel(page).getByLabel('Note', { exact: true }).fill('Half a thou');
  await page.keyboard.press('Escape');
  await expect(panel(page).getByRole('button', { name: 'Write a note' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(panel(page).getByLabel('Note', { exact: true })).toHaveValue('Half a thou');
  await expect(panel(page).getByLabel('Note', { exact: true })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel(page).getByRole('button', { name: 'Write a note' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel(page)).toHaveCount(0);
});

test('who saves what somebody else changed meanwhile is told, and loses nothing', async ({ page, otherPage }) => {
  await signIn(page, 'Agent');
  const reference = await openFirst(page);
  await panel(page).getByRole('button', { name: 'Edit status and owner' }).click();
  await panel(page).getByLabel('Owner', { exact: true }).fill('Mine');

  await signIn(otherPage, 'Manager');
  await goto(otherPage, `/leads/${reference}`);
  await otherPage.getByRole('button', { name: 'Edit status and owner' }).click();
  await otherPage.getByLabel('Owner', { exact: true }).fill('Theirs');
  await otherPage.getByRole('button', { name: 'Save' }).click();
  await expect(messages(otherPage)).toBeVisible();

  await panel(page).getByRole('button', { name: 'Save' }).click();
  await expect(panel(page).getByRole('alert').filter({ hasText: 'Petra Lane changed the owner after you looked.' })).toBeVisible();
  await expect(panel(page).getByLabel('Owner', { exact: true })).toHaveValue('Mine');
  await expect(panel(page).getByRole('definition').filter({ hasText: 'Theirs' })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'lead-changed-meanwhile');
  await panel(page).getByRole('button', { name: 'Save' }).click();
  await expect(panel(page).getByRole('definition').filter({ hasText: 'Mine' })).toBeVisible();
});

test('a note that was being typed when the lead was erased is offered to copy', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  const [lead] = await tick(otherPage, 1);
  await deleteTicked(otherPage, 'Outdated', 1);
  await signIn(page, 'Agent');
  await goto(page, `/leads/${lead}`);
  await page.getByRole('button', { name: 'Write a note' }).click();
  await page.getByLabel('Note', { exact: true }).fill('Rang twice,\nwants to sell.');

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();

  await expect(page.getByText('Deleted by Petra Lane at 19:00.')).toBeVisible();
  await expect(page.getByLabel('Your note was not saved. Copy it if you need it.')).toHaveValue('Rang twice,\nwants to sell.');
  await expectAccessibleInBothThemes(page);
});

test('without the right nothing to edit with is there', async ({ page, layer }) => {
  await layer.write("DELETE FROM role_permission WHERE permission = 'edit-leads' AND role = (SELECT id FROM role WHERE name = 'Agent')");
  await signIn(page, 'Agent');
  await openFirst(page);
  for (const name of ['Edit status and owner', 'Add a contact record', 'Write a note', /^Remove contact record/]) {
    await expect(panel(page).getByRole('button', { name })).toHaveCount(0);
  }
});
