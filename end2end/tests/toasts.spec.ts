import { deleteTicked, dialog, message, openStack, tick } from '../steps';
import { expect, type Page, signIn, test } from '../fixtures';

// "A message will appear indicating the deletion is complete." How messages behave, wherever they come from.

/** The messages that stand. */
function toasts(page: Page) {
  return page.locator('.toast');
}

/** Whether the keyboard goes on from somewhere: where nothing has the focus it would begin at the top again. */
async function expectFocusSomewhere(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe('BODY');
}

test('at most two messages stand at a time, the latest', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  for (const count of [1, 2, 3]) {
    await tick(page, count);
    await deleteTicked(page, 'Duplicate', count);
    await expect(message(page)).toContainText(count === 1 ? '1 lead deleted.' : `${count} leads deleted.`);
    await expect(toasts(page)).toHaveCount(Math.min(count, 2));
  }
  await expect(message(page)).not.toContainText('1 lead deleted.');
});

test('a message can be dismissed with a thumb', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await deleteTicked(page, 'Duplicate', 1);
  const close = message(page).getByRole('button', { name: 'Dismiss the message' });
  await expect(close).toBeVisible();
  // It rises for a moment, and is as big all the while.
  const box = (await close.boundingBox())!;
  expect(Math.round(box.width)).toBeGreaterThanOrEqual(44);
  expect(Math.round(box.height)).toBeGreaterThanOrEqual(44);
  await close.click();
  await expect(toasts(page)).toHaveCount(0);
});

test('the focus is somewhere after Delete, after Undo and after Dismiss', async ({ page }) => {
  await signIn(page, 'Manager');
  await openStack(page, 'All leads');
  await tick(page, 1);
  await page.getByRole('button', { name: 'Delete', exact: true }).focus();
  await page.keyboard.press('Enter');
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: 'Duplicate' });
  await dialog(page).getByRole('button', { name: 'Delete 1 lead', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(message(page)).toContainText('1 lead deleted.');
  await expectFocusSomewhere(page);

  await message(page).getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await expect(message(page)).toContainText('1 lead is back.');
  await expectFocusSomewhere(page);

  await message(page).getByRole('button', { name: 'Dismiss the message' }).focus();
  await page.keyboard.press('Enter');
  await expect(toasts(page)).toHaveCount(0);
  await expectFocusSomewhere(page);
});
