import { deleteTicked, dialog, message, openStack, row, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Page, signIn, test } from '../fixtures';

// "If you are unsure whether a lead should be deleted, consult with your team or Layer Admin to confirm."

/** Ticks so many leads, opens the dialog and hands them over with these words. */
async function askFirst(page: Page, count: number, words: string): Promise<string[]> {
  await openStack(page, 'All leads');
  const leads = await tick(page, count);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await dialog(page).getByText('Not sure?').click();
  await dialog(page).getByLabel('Your question').fill(words);
  await dialog(page).getByRole('button', { name: 'Ask first', exact: true }).click();
  await expect(dialog(page)).toBeHidden();
  return leads;
}

/** The list of what was asked: on Lead Management for a Layer Admin, on My deletions for who asked. */
function asked(page: Page) {
  return page.getByRole('region', { name: 'Asked', exact: true });
}

test('under the reason stands whom to ask, and a question has words', async ({ page }) => {
  await signIn(page, 'Team Leader');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();

  await expect(dialog(page)).toContainText('Not sure? Ask a Layer Admin first: Maria Diaz.');
  await dialog(page).getByText('Not sure?').click();
  await expect(dialog(page)).toContainText('Who else may delete leads of this work stack: Petra Lane.');
  await expectAccessibleInBothThemes(page, 'ask-first');
  await dialog(page).getByRole('button', { name: 'Ask first', exact: true }).click();

  await expect(dialog(page)).toContainText('Write what you want to know.');
  await dialog(page).getByRole('button', { name: 'Copy a link to it' }).click();
  await expect(dialog(page)).toContainText(/Copied|Copy it from here: http/);
});

test('a Layer Admin sees the same leads and deletes them; who asked is told', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Team Leader');
  const leads = await askFirst(page, 3, 'Are these three twins of others?');
  await expect(message(page)).toContainText('Asked about 3 leads.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 0 });
  await goto(page, '/orders');
  await expect(asked(page)).toContainText('Waiting for a Layer Admin, until 1 Dec, 10:00.');
  await expectAccessibleInBothThemes(page);

  await signIn(otherPage, 'Layer Admin');
  await goto(otherPage, '/settings/lead-management');
  await expect(asked(otherPage)).toContainText('Are these three twins of others?');
  await expectAccessibleInBothThemes(otherPage, 'lead-management-asked');
  await asked(otherPage).getByRole('link', { name: 'Tom Baker asks about 3 leads' }).click();
  await expect(otherPage.getByRole('heading', { name: 'Tom Baker asks about 3 leads' })).toBeVisible();
  await expect(otherPage.getByText('The reason that was chosen: Duplicate')).toBeVisible();
  for (const lead of leads) await expect(row(otherPage, lead)).toContainText('Goes');
  await layer.write(`UPDATE lead SET revision = revision + 1 WHERE id = ${leads[0].replace('L-', '')}`);
  await otherPage.reload();
  await expect(row(otherPage, leads[0])).toContainText('Stays: changed since the question');
  await expectAccessibleInBothThemes(otherPage, 'asked-draft');

  await otherPage.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await expect(dialog(otherPage)).toContainText('The leads as they stood when Tom Baker asked.');
  await expectAccessibleInBothThemes(otherPage, 'asked-draft-dialog');
  await dialog(otherPage).getByRole('button', { name: 'Delete 2 leads', exact: true }).click();
  await expect(message(otherPage)).toContainText(
    '2 leads deleted. They leave the system at 19:00. 1 was left out: 1 changed since you looked.',
  );
  // Its button is gone: the keyboard goes on from the question.
  await expect(otherPage.getByRole('heading', { name: 'The question' })).toBeFocused();
  await expect(otherPage.getByText('Agreed by Maria Diaz, 10:00. Deleted, leaves at 19:00.')).toBeVisible();

  await expect(asked(page)).toContainText('Agreed by Maria Diaz, 10:00. Deleted, leaves at 19:00.');
  await asked(page).getByRole('link', { name: 'See the order' }).click();
  await expect(page.getByRole('heading', { name: '2 leads deleted' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
  await otherPage.getByRole('main').getByRole('link', { name: 'See the order' }).first().click();
  await expect(otherPage.getByText('Asked first by')).toBeVisible();
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('a Layer Admin dismisses it with words, and the badge tells who asked', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Team Leader');
  await askFirst(page, 1, 'Gone away?');
  await signIn(otherPage, 'Layer Admin');
  await goto(otherPage, '/settings/lead-management');
  await asked(otherPage).getByRole('link', { name: 'Tom Baker asks about 1 lead' }).click();

  await otherPage.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await dialog(otherPage).getByLabel('Your answer').fill('They still buy. Keep them.');
  await expectAccessibleInBothThemes(otherPage, 'dismiss');
  await dialog(otherPage).getByRole('button', { name: 'Dismiss', exact: true }).click();
  await expect(otherPage.getByText('Dismissed by Maria Diaz, 10:00. Nothing was deleted.')).toBeVisible();

  const badge = test.info().project.name === 'desk' ? 'My deletions 1' : 'More 1';
  await expect(page.getByRole('link', { name: badge })).toBeVisible();
  await goto(page, '/orders');
  await expect(asked(page)).toContainText('They still buy. Keep them.');
  await expectAccessibleInBothThemes(page, 'asked-answered');
  if (test.info().project.name === 'desk') {
    await expect(page.getByRole('link', { name: 'My deletions', exact: true })).toBeVisible();
  }
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, deletions_waiting: 0 });

  // What was typed can be blacked out, though no order came of it.
  await otherPage.getByRole('button', { name: 'Redact the question' }).click();
  await dialog(otherPage).getByRole('button', { name: 'Redact', exact: true }).click();
  await expect(otherPage.getByText('It was redacted.')).toBeVisible();
  await expect(otherPage.getByText('They still buy. Keep them.')).toHaveCount(0);
  await expect(otherPage.getByRole('button', { name: 'Redact the question' })).toHaveCount(0);
  expect(await layer.command('audit', 'verify')).toBeTruthy();
});

test('a second Layer Admin who presses too sees what was done', async ({ page, otherPage, layer }) => {
  await signIn(page, 'Team Leader');
  await askFirst(page, 1, 'Gone away?');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await asked(page).getByRole('link', { name: /asks about 1 lead/ }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  // Somebody else of that right dismisses it meanwhile.
  await layer.write(
    "INSERT INTO role_permission (role, permission) SELECT id, 'run-queue' FROM role WHERE name = 'Manager'",
  );
  await signIn(otherPage, 'Manager');
  await goto(otherPage, '/settings/lead-management');
  await asked(otherPage).getByRole('link', { name: /asks about 1 lead/ }).click();
  await otherPage.getByRole('button', { name: 'Dismiss', exact: true }).click();
  await dialog(otherPage).getByRole('button', { name: 'Dismiss', exact: true }).click();
  await expect(dialog(otherPage)).toBeHidden();

  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();

  await expect(dialog(page)).toContainText('Petra Lane dismissed this already, 10:00. Nothing was deleted.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deletions_waiting: 0 });
});

test('one that nobody answered says that it ran out', async ({ page, layer }) => {
  await signIn(page, 'Team Leader');
  await askFirst(page, 1, 'Gone away?');

  await layer.advance({ days: 7 });
  await signIn(page, 'Team Leader');
  await goto(page, '/orders');

  await expect(asked(page)).toContainText('Ran out, 10:00: nobody answered, and nothing was deleted. Ask again.');
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  await expect(page.getByRole('region', { name: 'Deletion Queue' })).toBeVisible();
  await expect(asked(page)).toHaveCount(0);
});
