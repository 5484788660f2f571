import { deleteTicked, openStack, tick } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, type Layer, type Page, signIn, test } from '../fixtures';

// "This table shows useful metrics such as the number of deletions": and how many there were, week by week, and why.

async function order(page: Page, reason: string, count: number): Promise<void> {
  await openStack(page, 'All leads');
  await tick(page, count);
  await deleteTicked(page, reason, count);
}

async function night(layer: Layer, day: string): Promise<void> {
  await layer.setClock(`${day}T19:30:00Z`);
  await layer.drain();
}

test('the picture shows deletions by reason over the weeks, with its table behind', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/lead-management');
  const figure = page.getByRole('figure', { name: 'Deletions by reason' });
  await expect(figure).toContainText('No lead left the system in the last 12 weeks.');

  await order(page, 'Duplicate', 3);
  await night(layer, '2026-11-24');
  await order(page, 'Outdated', 2);
  await layer.advance({ hours: 1 });
  await layer.drain();
  await layer.setClock('2026-12-01T10:00:00Z');
  await signIn(page, 'Layer Admin');
  await order(page, 'Duplicate', 1);
  await night(layer, '2026-12-01');

  await goto(page, '/settings/lead-management');
  await expect(figure).toContainText('6 leads left the system in the last 12 weeks; most in the week of 23 Nov (5), and most often for “Duplicate” (4).');
  await expect(figure.getByRole('list', { name: 'Reasons' }).getByRole('listitem')).toHaveText(['Duplicate', 'Outdated']);
  await figure.scrollIntoViewIfNeeded();
  await expectAccessibleInBothThemes(page, 'deletion-chart');

  await figure.getByText('Show as table').click();
  const table = figure.getByRole('table');
  await expect(table.getByRole('row', { name: '23 Nov' })).toHaveText(/3\s*2\s*5/);
  await expect(table.getByRole('row', { name: '30 Nov' })).toHaveText(/1\s*0\s*1/);
  await figure.getByText('Show as table').scrollIntoViewIfNeeded();
  await expectAccessibleInBothThemes(page, 'deletion-chart-table');
});

test('it grows while one looks at it', async ({ page, layer }) => {
  await signIn(page, 'Layer Admin');
  await order(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  const figure = page.getByRole('figure', { name: 'Deletions by reason' });
  await expect(figure).toContainText('No lead left the system');
  await night(layer, '2026-11-24');
  await expect(figure).toContainText('2 leads left the system');
});

test('a Team Leader sees their own orders alone, an Auditor all', async ({ page, otherPage, layer }) => {
  await signIn(otherPage, 'Manager');
  await order(otherPage, 'Duplicate', 2);
  await signIn(page, 'Team Leader');
  await order(page, 'Outdated', 1);
  await night(layer, '2026-11-24');

  await goto(page, '/settings/lead-management');
  const figure = page.getByRole('figure', { name: 'Deletions by reason' });
  await expect(figure).toContainText('1 lead left the system in the last 12 weeks');
  await signIn(page, 'Auditor');
  await goto(page, '/settings/lead-management');
  await expect(figure).toContainText('3 leads left the system in the last 12 weeks');
});
