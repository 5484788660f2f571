import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

// "… or delete all leads in the workstack using the Delete All button."

test('Delete All takes the whole stack, with its exact number typed', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');

  await page.getByRole('button', { name: 'Delete All' }).click();

  await expect(dialog(page).getByRole('heading', { name: 'Delete all 300 leads in All leads?' })).toBeVisible();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await screenshot(page, 'delete-all', 'as-it-is');
  await dialog(page).getByRole('button', { name: 'Delete 300 leads', exact: true }).click();
  await expect(dialog(page)).toContainText('Type 300 to confirm');
  await dialog(page).getByLabel('Type 300 to confirm').fill('300');
  await dialog(page).getByRole('button', { name: 'Delete 300 leads', exact: true }).click();

  await expect(message(page)).toContainText('300 leads deleted. They leave the system at 19:00.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 300 });
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 0, deleted: 300, deletions_waiting: 0 });
});

test('what is already being deleted is left out and counted', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await page.getByRole('button', { name: 'Refresh' }).first().click();

  await page.getByRole('button', { name: 'Delete All' }).click();

  await expect(dialog(page).getByRole('button', { name: 'Delete 298 leads', exact: true })).toBeVisible();
});

test('Delete All is off while a search is typed, and says why', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');

  await page.getByRole('searchbox').fill('a');

  await expect(page.getByRole('button', { name: 'Delete All' })).toBeDisabled();
});

test('un-ticking one row after all leaves all but one', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await page.getByRole('checkbox', { name: 'Select all', exact: true }).check();
  await expect(page.getByText('300 selected')).toBeVisible();

  const first = page.getByRole('checkbox', { name: /^Select L-\d+$/ }).first();
  const kept = ((await first.getAttribute('aria-label')) ?? '').replace('Select ', '');
  await first.uncheck();
  await expect(page.getByText('299 selected')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Delete All' })).toBeDisabled();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await dialog(page).getByLabel('Type 299 to confirm').fill('299');
  await dialog(page).getByRole('button', { name: 'Delete 299 leads', exact: true }).click();

  await expect(message(page)).toContainText('299 leads deleted.');
  await expect(row(page, kept).getByRole('checkbox')).toBeEnabled();
});

test('Delete All of a stack with one lead says so, and with none it is off', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await layer.write("UPDATE lead SET owner = 'Just Me' WHERE id = 7");
  await layer.write(`UPDATE work_stack SET filter = '${JSON.stringify({ owners: ['Just Me'] })}' WHERE id = 2`);
  await goto(page, '/work-stacks/2');
  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(message(page)).toContainText('1 lead deleted. It leaves the system at 19:00.');
  await page.getByRole('button', { name: 'Refresh' }).first().click();
  await expect(page.getByRole('button', { name: 'Delete All' })).toBeDisabled();
});
