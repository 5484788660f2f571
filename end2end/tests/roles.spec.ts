import { rowOf } from '../people';
import { deleteTicked, dialog, message, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, signIn, test } from '../fixtures';

// "Only users with the necessary role-based permissions can delete leads."

test('a Layer Admin makes a role by ticks, and what a tick needs is said', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members');
  await page.getByRole('navigation', { name: 'Members and roles' }).getByRole('link', { name: 'Roles' }).click();
  await expect(page.getByRole('heading', { name: 'Roles', level: 1 })).toBeVisible();
  await expectAccessibleInBothThemes(page, 'roles');
  await expect(rowOf(page, 'The role Layer Admin keeps its name and its rights.').getByRole('button')).toHaveCount(0);

  await page.getByRole('button', { name: 'Add a role' }).click();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Team LEADER');
  await dialog(page).getByLabel('Delete leads', { exact: true }).check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText('To delete leads, a role must also see leads. Tick that too.');
  await dialog(page).getByLabel('See leads').check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page)).toContainText('There is a role of this name. Choose another.');
  // A box that is half under the buttons is no fault: at its end nothing is.
  await dialog(page).getByText('Change members and roles').scrollIntoViewIfNeeded();
  await dialog(page).evaluate((it) => (it.scrollTop = it.scrollHeight));
  await expectAccessibleInBothThemes(page, 'role-errors');
  await dialog(page).getByLabel('Name', { exact: true }).fill('Portal team');
  await dialog(page).getByRole('button', { name: 'Save' }).click();

  await expect(message(page)).toContainText('The role Portal team is saved.');
  await expect(rowOf(page, 'Portal team')).toContainText('see leads, delete leads');
  await expect(rowOf(page, 'Portal team')).toContainText('All leads');

  await page.getByRole('button', { name: 'Delete: Portal team' }).click();
  await expectAccessibleInBothThemes(page, 'role-delete');
  await dialog(page).getByRole('button', { name: 'Delete the role' }).click();
  await expect(rowOf(page, 'Portal team')).toHaveCount(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300 });
  await goto(page, '/audit-log');
  await expect(rowOf(page, 'Role changed').first()).toContainText('deleted');
});

test('a role that loses the right to delete holds what its members ordered, and says so before', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Team Leader');
  await openStack(otherPage, 'All leads');
  await tick(otherPage, 3);
  await deleteTicked(otherPage, 'Duplicate', 3);
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members/roles');
  await page.getByRole('button', { name: 'Edit: Team Leader' }).click();
  await dialog(page).getByLabel('Delete leads', { exact: true }).uncheck();
  await expect(dialog(page)).toContainText('3 waiting deletions go on hold until a Layer Admin confirms.');
  await expectAccessibleInBothThemes(page, 'role-edit');
  await dialog(page).getByRole('button', { name: 'Save' }).click();

  await expect(message(page)).toContainText('The role Team Leader is saved. 3 waiting deletions are on hold');
  await openStack(otherPage, 'All leads');
  await expect(otherPage.getByRole('checkbox', { name: /^Select L-/ })).toHaveCount(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ leads: 300, held: 3 });
  await goto(page, '/audit-log');
  await expect(rowOf(page, 'Role changed').first()).toContainText('Team Leader, may no longer delete leads, 3 on hold');
});

test('a form opens at its top, with the focus in its first field', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members/roles');
  await page.getByRole('button', { name: 'Add a role' }).click();

  await expect(dialog(page).getByRole('heading', { level: 1 })).toBeInViewport();
  await expect(dialog(page).getByRole('textbox').first()).toBeFocused();
  await expect(dialog(page).getByRole('button', { name: 'Save' })).toBeInViewport();
});

test('a role that somebody has stays, with a sentence', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/members/roles');
  await page.getByRole('button', { name: 'Delete: Agent' }).click();
  await dialog(page).getByRole('button', { name: 'Delete the role' }).click();

  await expect(dialog(page)).toContainText('1 member has the role Agent, deactivated ones too. Give them another role first.');
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Delete: Agent' })).toBeFocused();
});
