import { expect, type Page } from '@playwright/test';
import { goto, hydrated } from './fixtures';
import { dialog, message } from './steps';

/** What a Layer Admin does with people, in the words that they see. */

/** Adds a member with a password; the admin is on whatever page. */
export async function addMember(page: Page, name: string, role: string, password: string): Promise<string> {
  const email = `${name.toLowerCase()}@layer.test`;
  await goto(page, '/settings/members');
  await page.getByRole('button', { name: 'Add a member' }).click();
  await dialog(page).getByLabel('Name').fill(name);
  await dialog(page).getByLabel('E-mail').fill(email);
  await dialog(page).getByLabel('Role').selectOption({ label: role });
  await dialog(page).getByLabel('Password', { exact: true }).fill(password);
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(message(page)).toContainText(`${name} can sign in now.`);
  return email;
}

/** Signs in with a password. */
export async function signInWith(page: Page, email: string, password: string): Promise<void> {
  await goto(page, '/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForLoadState();
  await hydrated(page);
}

/** The row of a list in which this stands. */
export function rowOf(page: Page, text: string) {
  return page.getByRole('row').filter({ hasText: text });
}
