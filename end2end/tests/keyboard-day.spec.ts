import { type Locator } from '@playwright/test';
import { dialog, message, openStack, row, stat } from '../steps';
import { expect, goto, hydrated, type Page, test } from '../fixtures';

// A day without a mouse: Tab, Shift+Tab, Space, Enter, arrows and Escape.

test.beforeEach(({}, info) => {
  test.skip(info.project.name === 'phone', 'a phone has no keys');
});

const grid = (page: Page) => page.getByRole('region', { name: 'Grid View' });

/** Presses Tab until it has the focus, and checks that one sees where the focus is. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < 250; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      const seen = await target.evaluate((element) => {
        const style = getComputedStyle(element);
        return element.matches(':focus-visible') && (style.boxShadow !== 'none' || style.outlineStyle !== 'none');
      });
      expect(seen, 'the focus can be seen').toBe(true);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`Tab never comes to ${target}`);
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

/** Chooses from a list that has the focus, by typing the beginning of its label. */
async function choose(page: Page, target: Locator, label: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(label);
  await expect(target.locator('option:checked')).toHaveText(label);
}

async function signInByKeys(page: Page, role: string): Promise<void> {
  await goto(page, '/sign-in');
  await press(page, page.getByRole('button', { name: `Sign in as ${role}`, exact: true }));
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  await hydrated(page);
}

/** Opens a stack by the menu. */
async function openByKeys(page: Page, name: string): Promise<void> {
  await press(page, page.getByRole('list', { name: 'Work stacks' }).getByRole('link', { name: new RegExp(`^${name}`) }));
  await expect(page.getByRole('heading', { name, exact: true, level: 1 })).toBeVisible();
}

/** Goes to a lead's box, by Tab or, where the grid is one stop, by its arrows; and ticks it. */
async function tickByKeys(page: Page, count: number): Promise<string[]> {
  const boxes = grid(page).getByRole('checkbox', { name: /^Select L-\d+$/, disabled: false });
  const references: string[] = [];
  for (let n = 0; n < count; n++) {
    const label = (await boxes.nth(n).getAttribute('aria-label')) ?? '';
    references.push(label.replace('Select ', ''));
    if ((await grid(page).getByRole('grid').count()) > 0) {
      if (n === 0) {
        await page.keyboard.press('Tab');
        while (!(await grid(page).evaluate((grid) => grid.querySelector('[role=grid]')!.contains(document.activeElement)))) {
          await page.keyboard.press('Tab');
        }
      }
      await page.keyboard.press('ArrowDown');
    } else {
      await tabTo(page, boxes.nth(n));
    }
    await page.keyboard.press('Space');
    await expect(grid(page).getByRole('checkbox', { name: `Select ${references[n]}`, exact: true })).toBeChecked();
  }
  return references;
}

test('sign in, select, delete, undo', async ({ page, layer }) => {
  await signInByKeys(page, 'Team Leader');
  await openByKeys(page, 'New today');
  const leads = await tickByKeys(page, 2);
  await expect(page.getByText('2 selected')).toBeVisible();

  await tabTo(page, page.getByRole('button', { name: 'Delete', exact: true }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
  await choose(page, dialog(page).getByLabel('Reason', { exact: true }), 'Outdated');
  await tabTo(page, dialog(page).getByLabel('Extra details'));
  await page.keyboard.type('by hand');
  await press(page, dialog(page).getByRole('button', { name: 'Delete 2 leads', exact: true }));
  await expect(message(page)).toContainText('2 leads deleted. They leave the system at 19:00.');
  await expect(dialog(page)).toHaveCount(0);
  for (const lead of leads) await expect(row(page, lead)).toContainText(/leaves/i);

  await press(page, message(page).getByRole('button', { name: 'Undo' }));
  await expect(message(page)).toContainText('2 leads are back.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deletions_waiting: 0, deleted: 0 });
});

test('Escape leaves the dialog, and the focus is where it was', async ({ page }) => {
  await signInByKeys(page, 'Team Leader');
  await openByKeys(page, 'New today');
  await tickByKeys(page, 1);
  const button = page.getByRole('button', { name: 'Delete', exact: true });
  await tabTo(page, button, 'Shift+Tab');
  await page.keyboard.press('Space');
  await expect(dialog(page).getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Escape');

  await expect(dialog(page)).toHaveCount(0);
  await expect(button).toBeFocused();
});

test('Delete All, with its number typed', async ({ page, layer }) => {
  await signInByKeys(page, 'Manager');
  await press(page, page.getByRole('link', { name: 'Skip to the content' }));
  await press(page, page.getByRole('button', { name: 'Delete All' }), 'Space');
  await choose(page, dialog(page).getByLabel('Reason', { exact: true }), 'Outdated');
  await tabTo(page, dialog(page).getByLabel('Type 300 to confirm'));
  await page.keyboard.type('300');
  // As forms do: Enter in a field sends it.
  await page.keyboard.press('Enter');

  await expect(message(page)).toContainText('300 leads deleted.');
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deletions_waiting: 300 });
});

test('Remove Deletions, and the X', async ({ page, layer }) => {
  await signInByKeys(page, 'Manager');
  await openStack(page, 'All leads');
  const [lead] = await tickByKeys(page, 3);
  await tabTo(page, page.getByRole('button', { name: 'Delete', exact: true }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await choose(page, dialog(page).getByLabel('Reason', { exact: true }), 'Invalid');
  await press(page, dialog(page).getByRole('button', { name: 'Delete 3 leads', exact: true }));
  await expect(message(page)).toContainText('3 leads deleted.');

  await press(page, page.getByRole('list', { name: 'Settings' }).getByRole('link', { name: /^Lead Management/ }));
  const x = page.getByRole('button', { name: `Delete now: ${lead}`, exact: true });
  await press(page, x);
  await expect(dialog(page)).toContainText(lead);
  await press(page, dialog(page).getByRole('button', { name: 'OK', exact: true }));
  await expect(message(page)).toContainText(`${lead} is deleted.`);

  await press(page, page.getByRole('button', { name: 'Remove Deletions' }));
  await tabTo(page, dialog(page).getByLabel('Reason', { exact: true }));
  await page.keyboard.type('Wrong stack');
  await press(page, dialog(page).getByRole('button', { name: /^Remove/ }));
  await expect(message(page)).toContainText('2 deletions removed.');
  await expect.poll(() => stat(page, 'Deletions waiting')).toBe(0);
  expect(JSON.parse(await layer.command('stats', '--json'))).toMatchObject({ deleted: 1, deletions_waiting: 0 });
});
