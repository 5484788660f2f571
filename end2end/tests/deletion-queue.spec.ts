import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Layer, screenshot, signIn, test } from '../fixtures';

// "Within this section, you can view the Deletion Queue, where flagged records are processed, typically outside business
// hours."

test('the queue shows what waits, and runs at closing time', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  const leads = await tick(page, 3);
  await deleteTicked(page, 'Duplicate', 3);

  await goto(page, '/settings/lead-management');
  await expect(page.getByRole('region', { name: 'Deletion Queue' })).toBeVisible();
  for (const lead of leads) await expect(row(page, lead)).toContainText('Leaves at 19:00');
  await expect(page.getByText(/Next run today at 19:00/)).toBeVisible();
  await screenshot(page, 'lead-management');

  await layer.advance({ hours: 1 });
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deleted: 0, deletions_waiting: 3 });
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  for (const lead of leads) await expect(row(page, lead)).toHaveCount(0);
});

test('Run now leaves those younger than the undo time unless told otherwise', async ({ page, layer }) => {
  const deleted = async () => JSON.parse(await layer.command('stats', '--json')).deleted;
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  const [old] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await expect(row(page, old).getByRole('checkbox')).toBeDisabled();
  await layer.advance({ minutes: 11 });
  const young = await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(dialog(page)).toContainText('Up to 1 lead leaves the system now.');
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await expect(dialog(page)).toBeHidden();
  await layer.drain();
  await expect.poll(deleted).toBe(1);
  for (const lead of young) await expect(row(page, lead)).toContainText('Leaves at 19:00');

  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(dialog(page)).toContainText('Nothing is due');
  await expect(dialog(page).getByRole('button', { name: 'Run now' })).toBeDisabled();
  await dialog(page).getByRole('checkbox', { name: /also the 2 younger than 10 minutes/i }).check();
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await layer.drain();

  await expect.poll(deleted).toBe(3);
});

test('a paused queue runs nothing, and Run now is off', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, '/settings/lead-management');

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run now' })).toBeDisabled();
  await expect(page.getByText('The queue deletes nothing until a Layer Admin resumes it. The X still does.')).toBeVisible();
  await page.getByRole('button', { name: /^Delete now: / }).first().click();
  await expect(dialog(page)).toContainText('The queue is paused. The X doesn’t wait for that.');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deleted: 0 });

  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await layer.drain();
  await expect.poll(async () => JSON.parse(await layer.command('stats', '--json')).deleted).toBe(1);
});

test('after 48 hours a banner tells the Layer Admin wherever they are', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, '/settings/lead-management');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();

  await layer.advance({ hours: 49 });
  await signIn(page, 'Layer Admin');
  await goto(page, '/audit-log');

  await expect(page.getByText('1 deletion not processed within 48 hours.')).toBeVisible();
});

/** Five tries: two in the run, then after 1, 10 and 60 minutes. */
async function tryFiveTimes(layer: Layer): Promise<void> {
  await layer.setClock('2026-11-24T19:00:01Z');
  for (let tries = 0; tries < 5; tries++) {
    await layer.drain();
    await layer.advance({ hours: 1, minutes: 1 });
  }
}

test('a failed deletion says why in a sentence, and Retry erases it once the cause is gone', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await layer.write('CREATE TABLE claim (lead INTEGER REFERENCES lead (id) ON DELETE RESTRICT)');
  await layer.write(`INSERT INTO claim (lead) VALUES (${lead.replace('L-', '')})`);
  await tryFiveTimes(layer);

  await goto(page, '/settings/lead-management?tab=failed');
  await expect(row(page, lead)).toContainText('Failed: another record refers to it. Remove that record, then press Retry');
  await expectAccessibleInBothThemes(page, 'failed-deletion');
  await layer.write('DELETE FROM claim');
  await row(page, lead).getByRole('button', { name: 'Retry' }).click();
  await expect(message(page)).toContainText(`${lead} waits again.`);
  await layer.drain();

  await expect(row(page, lead)).toHaveCount(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 299, deleted: 1, failed: 0 });
  // The button that was pressed is gone with its row: the keyboard goes on from the queue.
  await expect(page.getByRole('heading', { name: 'Deletion Queue' })).toBeFocused();
});

test('a search that a tab answers with nothing leads to all open deletions and all leads', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await goto(page, `/settings/lead-management?tab=held&q=${lead}`);
  await expect(page.getByText('No deletion matches.')).toBeVisible();

  await page.getByRole('link', { name: 'Look in all open deletions and all leads' }).click();

  await expect(row(page, lead)).toContainText('Leaves at 19:00');
});

test('what somebody ordered who may not delete any more waits until a Layer Admin confirms it', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  const [lead] = await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  await layer.write("DELETE FROM role_permission WHERE permission = 'delete-leads' AND role = (SELECT id FROM role WHERE name = 'Team Leader')");
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  await signIn(page, 'Layer Admin');

  await goto(page, '/settings/lead-management?tab=held');
  await expect(row(page, lead)).toContainText('On hold: who deleted it may not delete leads any more; a Layer Admin must confirm it');
  await expectAccessibleInBothThemes(page, 'held-deletion');
  await row(page, lead).getByRole('button', { name: 'Confirm' }).click();
  await expect(message(page)).toContainText(`${lead} waits again.`);
  await layer.drain();

  await expect(row(page, lead)).toHaveCount(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 299, deleted: 1, held: 0 });
});
