import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

// "For urgent deletions, go to the Lead Management page via Settings. Locate the lead you wish to delete, and click the X
// button on the right side of its row. A confirmation prompt will appear. Click OK to finalize the action, and the lead
// will be deleted from the system."

test('the X deletes a queued lead at once, inside business hours', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: `Delete now: ${lead}` }).click();
  await expect(dialog(page)).toContainText(lead);
  await screenshot(page, 'urgent-deletion', 'as-it-is');
  await dialog(page).getByRole('button', { name: 'OK', exact: true }).click();

  await expect(message(page)).toContainText(`${lead} is deleted.`);
  await expect(row(page, lead).getByRole('button', { name: /Delete now/ })).toHaveCount(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 299, deleted: 1, deletions_waiting: 0 });
  const gone = await page.goto(`/leads/${lead}`);
  expect(gone?.status()).toBe(410);
});

test('Cancel deletes nothing', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: `Delete now: ${lead}` }).click();
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();

  await expect(dialog(page)).toBeHidden();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 1 });
});

test('a lead that is not queued is found, and needs a reason', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await goto(page, '/settings/lead-management');

  await page.getByLabel('Find a lead').fill(lead);
  await expect(page.getByText('Not in the queue')).toBeVisible();
  await page.getByRole('button', { name: `Delete now: ${lead}` }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Invalid' });
  await dialog(page).getByRole('button', { name: 'OK', exact: true }).click();

  await expect(message(page)).toContainText(`${lead} is deleted.`);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 299, deleted: 1 });
});
