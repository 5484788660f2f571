import { dialog, message, openStack, row } from '../steps';
import { expect, expectAccessibleInBothThemes, type Page, signIn, test } from '../fixtures';

// "Work stacks help you … identify unwanted leads": the copies of others, each with the lead that stays.

function copies(page: Page) {
  return page.getByRole('region', { name: 'Grid View' }).getByRole('row').filter({ has: page.locator('td.kept') });
}

/** Each copy with its kept lead, as the server answers the page: rows out of sight aren't drawn. */
async function kept(page: Page): Promise<[string, string][]> {
  await expect(copies(page).first()).toBeVisible();
  return page.evaluate(async () => {
    const view = { work_stack: Number(location.pathname.split('/').pop()), search: '', order: null, hide_deletions: null };
    const body = JSON.stringify({ view });
    const answer = await fetch('/api/work-stacks/grid', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { rows } = (await answer.json()) as { rows: { id: string; kept: string }[] };
    return rows.map(({ id, kept }) => [id, kept] as [string, string]);
  });
}

test('each copy names the lead that stays, and leads to it', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'Possible duplicates');
  const [[copy, stays]] = await kept(page);
  await expect(row(page, copy).locator('td.kept')).toContainText(stays);
  await expectAccessibleInBothThemes(page, 'duplicates');

  await row(page, copy).getByRole('link', { name: stays, exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/leads/${stays}$`));
  await expect(page.getByText('Contact records')).toBeVisible();
});

test('Enter on the kept lead’s link opens that one', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'Possible duplicates');
  const [[copy, stays]] = await kept(page);
  await row(page, copy).getByRole('link', { name: stays, exact: true }).focus();

  await page.keyboard.press('Enter');

  await expect(page).toHaveURL(new RegExp(`/leads/${stays}$`));
});

test('Delete All there leaves every kept lead', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'Possible duplicates');
  const pairs = await kept(page);
  const count = pairs.length;

  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await dialog(page).getByRole('button', { name: `Delete ${count} leads`, exact: true }).click();
  await expect(message(page)).toContainText(`${count} leads deleted. They leave the system at 19:00.`);
  await layer.setClock('2026-11-24T19:00:01Z');
  await layer.drain();
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300 - count, deleted: count });
  for (const stays of new Set(pairs.map(([, stays]) => stays))) {
    expect((await page.request.get(`/leads/${stays}`)).status(), stays).toBe(200);
  }
});

test('a copy whose kept lead goes while the dialog is open is left out, and named', async ({ page, otherPage }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'Possible duplicates');
  const pairs = await kept(page);
  const [, stays] = pairs[0];
  const left = pairs.filter(([, other]) => other === stays).length;
  await page.getByRole('button', { name: 'Delete All' }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await expect(dialog(page).getByRole('button', { name: `Delete ${pairs.length} leads`, exact: true })).toBeVisible();

  await signIn(otherPage, 'Manager');
  await openStack(otherPage, 'All leads');
  await otherPage.getByRole('searchbox').fill(stays);
  await otherPage.getByRole('checkbox', { name: `Select ${stays}`, exact: true }).check();
  await otherPage.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(otherPage).getByLabel('Reason', { exact: true }).selectOption({ label: 'Outdated' });
  await dialog(otherPage).getByRole('button', { name: 'Delete 1 lead', exact: true }).click();
  await expect(dialog(otherPage)).toBeHidden();

  await dialog(page).getByRole('button', { name: `Delete ${pairs.length} leads`, exact: true }).click();
  await expect(message(page)).toContainText(`${pairs.length - left} leads deleted.`);
  await expect(message(page)).toContainText(/left out: \d+ whose kept lead is going itself/);
});
