import { deleteTicked, openStack, stat, tick } from '../steps';
import { expect, goto, signIn, test } from '../fixtures';

// "You'll find a Lead Stats Table on the left-hand side of the Lead Management page. This table shows useful metrics such
// as the number of deletions, leads without contact records, and those without contacts with valid telephone numbers."

test('the table stands on the left and its numbers are those of the command line', async ({ page, layer }, info) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  const told = JSON.parse(await layer.command('stats', '--json'));

  expect(await stat(page, 'Deletions waiting')).toBe(told.deletions_waiting);
  expect(await stat(page, 'Deleted')).toBe(told.deleted);
  expect(await stat(page, 'Leads without contact records')).toBe(told.without_contact_records);
  expect(await stat(page, 'Leads without a contact with a valid telephone number')).toBe(told.without_valid_telephone);
  if (info.project.name === 'desk') {
    const stats = await page.getByRole('region', { name: 'Lead stats' }).boundingBox();
    const queue = await page.getByRole('region', { name: 'Deletion Queue' }).boundingBox();
    expect(stats!.x + stats!.width).toBeLessThanOrEqual(queue!.x);
  }
});

test('a number of the queue brings the deletions that it counts into view', async ({ page }, info) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 2);
  await deleteTicked(page, 'Duplicate', 2);
  await goto(page, '/settings/lead-management');
  const heading = page.getByRole('heading', { name: 'Deletion Queue' });
  const waiting = page.getByRole('region', { name: 'Lead stats' }).getByRole('link', { name: 'Deletions waiting' });

  await waiting.click();

  await expect(page).toHaveURL(/tab=waiting/);
  await expect(heading).toBeInViewport();
  if (info.project.name === 'phone') {
    // It was below the numbers: whoever pressed one is where its deletions are, and so is the keyboard.
    await expect(heading).toBeFocused();
    expect((await heading.boundingBox())!.y).toBeLessThan(200);
  } else {
    await expect(waiting).toBeFocused();
  }
});

test('each number opens the leads that it counts', async ({ page, layer }) => {
  await signIn(page, 'Manager');
  const told = JSON.parse(await layer.command('stats', '--json'));
  await goto(page, '/settings/lead-management');

  await page.getByRole('link', { name: 'Leads without contact records' }).click();

  await expect(page.getByRole('heading', { name: 'All leads', level: 1 })).toBeVisible();
  await expect(page.getByText(new RegExp(`\\b${told.without_contact_records} leads`)).first()).toBeVisible();
});
