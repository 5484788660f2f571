import { message } from '../steps';
import { expect, expectAccessibleInBothThemes, goto, signIn, test } from '../fixtures';

// "Flagged records are processed, typically outside business hours."

test('while one types, the page says when a deletion ordered now would leave', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/business-hours');
  await expect(page.getByText('A deletion ordered now would leave at 19:00.')).toBeVisible();
  await expectAccessibleInBothThemes(page, 'business-hours');

  await page.getByLabel('Tuesday, closes').fill('20:30');
  await expect(page.getByText('A deletion ordered now would leave at 20:30.')).toBeVisible();
  await page.getByLabel('Closed days').fill('2026-11-24');
  await expect(page.getByText('A deletion ordered now would leave at 10:10.')).toBeVisible();
  await page.getByLabel('Closed days').fill('Christmas');
  await expect(page.getByText('When all is filled in right')).toBeVisible();
  await page.getByLabel('Closed days').fill('');
  await page.getByLabel('Time zone').fill('America/New_York');
  await expect(page.getByText('A deletion ordered now would leave at 05:10.')).toBeVisible();

  await page.reload();
  await expect(page.getByText('A deletion ordered now would leave at 19:00.')).toBeVisible();
});

test('all that is wrong is said at once, each under its field', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/business-hours');
  await page.getByLabel('Time zone').fill('Mars/Base');
  await page.getByLabel('Monday, opens').fill('20:00');
  await page.getByLabel('Wednesday, closes').fill('');
  await page.getByLabel('Closed days').fill('2026-12-25\n25 December');
  await page.getByLabel(/Undo time/).fill('a while');
  await page.getByLabel(/Region/).fill('XX');
  await page.getByRole('button', { name: 'Save' }).click();

  for (const said of [
    /This time zone isn.t known/,
    'Monday: the closing time must come after the opening time.',
    'Wednesday: fill in both times, as in 09:00.',
    'Line 2 is no date.',
    'Write the undo time in whole minutes, 0 to 1,440.',
    'This region isn’t known.',
  ]) {
    await expect(page.getByText(said)).toBeVisible();
  }
  await expect(page.getByLabel('Time zone')).toHaveAttribute('aria-invalid', 'true');
  await expectAccessibleInBothThemes(page, 'business-hours-errors');
});

test('hours under which a deletion could wait for more than a day are refused', async ({ page }) => {
  await signIn(page, 'Layer Admin');
  await goto(page, '/settings/business-hours');
  await page.getByLabel('Monday, opens').fill('01:00');
  await page.getByLabel('Monday, closes').fill('00:00');
  await page.getByLabel('Tuesday, opens').fill('00:00');
  await page.getByLabel('Tuesday, closes').fill('23:00');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Tuesday: with the day before, business hours last for more than 24 hours.')).toBeVisible();

  await page.getByLabel('Tuesday, opens').fill('08:00');
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  await expect(message(page)).toContainText('Business hours saved.');
  await expect(page.getByText('with the day before')).toHaveCount(0);
  await page.reload();
  await expect(page.getByLabel('Tuesday, closes')).toHaveValue('23:00');
  await expect(page.getByLabel('Monday, closes')).toHaveValue('00:00');
});
