import { openStack } from '../steps';
import { expect, goto, screenshot, signIn, test } from '../fixtures';

// "Work stacks help you monitor and manage leads, including identifying unwanted leads (e.g., from a web portal) that may
// need to be deleted."

test('the demo’s stacks are listed, and each opens its Grid View', async ({ page }) => {
  await signIn(page, 'Manager');
  await goto(page, '/work-stacks');
  await screenshot(page, 'work-stacks');

  for (const stack of ['All leads', 'Portal, unworked', 'New today', 'Possible duplicates', 'No contact record', 'No valid telephone']) {
    await openStack(page, stack);
  }
});

test('a lead opens with its contact records, activities and stacks', async ({ page }) => {
  await signIn(page, 'Agent');
  await openStack(page, 'All leads');

  await page.getByRole('region', { name: 'Grid View' }).getByRole('row').nth(1).getByRole('link').first().click();

  await expect(page).toHaveURL(/\/leads\/L-\d+/);
  await expect(page.getByText('Contact records')).toBeVisible();
  await screenshot(page, 'lead');
});

test('sort and search are in the address', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await page.getByRole('searchbox').fill('zzzzqqq');

  await expect(page).toHaveURL(/q=zzzzqqq/);
  await expect(page.getByText(/nothing|no lead/i).first()).toBeVisible();
});
