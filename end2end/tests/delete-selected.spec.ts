import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

// "Select the leads to be deleted by clicking the checkbox beside each lead's name. Once selected, you can choose to
// delete only the selected leads by clicking the Delete button … Once you confirm, a message will appear indicating the
// deletion is complete."

test('ticked leads are deleted, with a reason, and the message says when they leave', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const leads = await tick(page, 3);
  await expect(page.getByText('3 selected')).toBeVisible();
  await screenshot(page, 'selection', 'as-it-is');

  await deleteTicked(page, 'Duplicate', 3);

  await expect(message(page)).toContainText('3 leads deleted. They leave the system at 19:00.');
  for (const lead of leads) await expect(row(page, lead)).toContainText(/leaves/i);
  await screenshot(page, 'message', 'as-it-is');

  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deleted: 3, deletions_waiting: 0 });
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('Undo brings them back', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Outdated', 1);

  await message(page).getByRole('button', { name: 'Undo' }).click();

  await expect(message(page)).toContainText('1 lead is back.');
  await expect(row(page, lead).getByRole('checkbox')).toBeEnabled();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deletions_waiting: 0, deleted: 0 });
});

test('at night the undo time is what keeps them', async ({ page, layer }) => {
  await layer.setClock('2026-11-24T22:00:00Z');
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 2);

  await deleteTicked(page, 'Duplicate', 2);

  await expect(message(page)).toContainText('2 leads deleted. They leave the system in 10 minutes.');
});

test('while the queue is paused the message says who must resume it', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await openStack(page, 'All leads');
  await tick(page, 3);

  await deleteTicked(page, 'Duplicate', 3);

  await expect(message(page)).toContainText('3 leads deleted. They leave the system when a Layer Admin resumes the queue.');
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deleted: 0, deletions_waiting: 3 });
});

test('the message says what was left out, and why', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const leads = await tick(page, 4);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await layer.write(`UPDATE lead SET revision = revision + 1 WHERE id = ${leads[1].replace('L-', '')}`);

  await dialog(page).getByRole('button', { name: 'Delete 4 leads', exact: true }).click();

  await expect(message(page)).toContainText(
    '3 leads deleted. They leave the system at 19:00. 1 was left out: 1 changed since you looked.',
  );
});

test('no confirmation goes without a reason, and what was typed stays', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Extra details').fill('asked twice');
  await screenshot(page, 'dialog', 'as-it-is');

  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();

  await expect(dialog(page)).toContainText('Choose a reason from the list.');
  await expect(dialog(page).getByLabel('Extra details')).toHaveValue('asked twice');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog(page)).toBeHidden();
});

test('the reason Other wants details, and blanks are none', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Other' });
  await dialog(page).getByLabel('Extra details').fill('   ');

  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();

  await expect(dialog(page)).toContainText('Write extra details: the reason “Other” needs them.');
});

test('Do not contact says what deleting forgets, and wants that ticked', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Do not contact' });

  const sentence = dialog(page).getByRole('checkbox', { name: /Deleting forgets that this person asked not to be contacted/ });
  await expect(sentence).not.toBeChecked();
  await sentence.check();
  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();

  await expect(message(page)).toContainText('1 lead deleted.');
});

test('under the reason stands whom to ask', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();

  await expect(dialog(page)).toContainText('Not sure? Ask a Layer Admin first: Maria Diaz.');
  await expect(dialog(page)).toContainText(/nobody can bring it back/i);
});

test('a range is ticked with shift, and one that is no more shown stays ticked', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const boxes = page.getByRole('region', { name: 'Grid View' }).getByRole('checkbox', { name: /^Select L-\d+$/ });
  await boxes.nth(0).click();
  await boxes.nth(4).click({ modifiers: ['Shift'] });
  await expect(page.getByText('5 selected')).toBeVisible();

  const name = await page.getByRole('region', { name: 'Grid View' }).getByRole('row').nth(1).getByRole('link').first().innerText();
  await page.getByRole('searchbox').fill(name);

  await expect(page.getByText(/5 selected, \d not shown/)).toBeVisible();
});

test('who clicks twice on the dialog’s Delete has made one order', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });

  await dialog(page).getByRole('button', { name: 'Delete 2 leads', exact: true }).dblclick();

  await expect(message(page)).toContainText('2 leads deleted.');
  await expect(dialog(page)).toBeHidden();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deletions_waiting: 2 });
  await goto(page, '/orders');
  await expect(page.getByRole('main').getByRole('link', { name: /2 leads/ })).toHaveCount(1);
});
