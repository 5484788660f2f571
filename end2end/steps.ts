import { expect, type Page } from '@playwright/test';
import { hydrated } from './fixtures';

/** What people do, in the words that they see. */

/** Opens a work stack from the list. */
export async function openStack(page: Page, name: string): Promise<void> {
  await page.goto('/work-stacks');
  await hydrated(page);
  await page.getByRole('main').getByRole('link', { name: new RegExp(`^${name}`) }).first().click();
  await expect(page.getByRole('heading', { name, exact: true, level: 1 })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Grid View' })).toBeVisible();
}

/** Ticks the first `count` leads that can be ticked, and gives their references. */
export async function tick(page: Page, count: number): Promise<string[]> {
  const boxes = page.getByRole('region', { name: 'Grid View' }).getByRole('checkbox', { name: /^Select L-\d+$/, disabled: false });
  await expect(boxes.first()).toBeVisible();
  const references: string[] = [];
  for (let n = 0; n < count; n++) {
    const label = (await boxes.nth(n).getAttribute('aria-label')) ?? '';
    references.push(label.replace('Select ', ''));
    await boxes.nth(n).check();
  }
  return references;
}

/** The dialog that is open. */
export function dialog(page: Page) {
  return page.getByRole('dialog');
}

/** Presses Delete, chooses a reason and confirms. */
export async function deleteTicked(page: Page, reason: string, count: number): Promise<void> {
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await dialog(page).getByLabel('Reason', { exact: true }).selectOption({ label: reason });
  await dialog(page).getByRole('button', { name: count === 1 ? 'Delete 1 lead' : `Delete ${count} leads`, exact: true }).click();
  await expect(dialog(page)).toBeHidden();
}

/** The row of a lead, in whichever table it stands. */
export function row(page: Page, reference: string) {
  return page.getByRole('row').filter({ hasText: new RegExp(`${reference}(?!\\d)`) });
}

/** The message region. */
export function message(page: Page) {
  return page.getByRole('status').and(page.locator('.toasts'));
}

/** A number of Lead stats. */
export async function stat(page: Page, name: string): Promise<number> {
  const cell = page.getByRole('region', { name: 'Lead stats' }).getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  const text = (await cell.first().innerText()).replace(/,/g, '');
  return Number(/(\d+)\s*$/.exec(text)?.[1]);
}
