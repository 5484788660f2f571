import { readFile } from 'node:fs/promises';
import { type Page } from './fixtures';

/** What is looked at on a page, by axe and by measuring. Each function tells what is wrong, in words. */

/** WCAG 2.2 A and AA, and what makes a page easy to find one's way in: headings, landmarks, title, size of targets. */
export async function axe(page: Page): Promise<string[]> {
  // Evaluated, not added as a script element: the content security policy refuses those, as it should.
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate(async () => {
    // What is still fading in has another contrast than what people read.
    const passing = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(passing.map((it) => it.finished));
    const axe = (window as unknown as { axe: typeof import('axe-core') }).axe;
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const enabled = [
      'heading-order',
      'page-has-heading-one',
      'empty-heading',
      'landmark-one-main',
      'landmark-unique',
      'landmark-no-duplicate-main',
      'region',
      'skip-link',
      'target-size',
    ];
    const rules = Object.fromEntries(enabled.map((rule) => [rule, { enabled: true }]));
    const { violations } = await axe.run({ runOnly: { type: 'tag', values }, rules });
    return violations.map(({ help, nodes }) => `${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  });
}

/** One heading of the first rank, a title that says it, landmarks, and a way past the menu. */
export async function structure(page: Page, framed: boolean): Promise<string[]> {
  return page.evaluate((framed) => {
    const wrong: string[] = [];
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('dialog');
    const first = Array.from(document.querySelectorAll('h1')).filter(shown);
    if (first.length !== 1) wrong.push(`${first.length} headings of the first rank`);
    if (!/^.+ · Layer$/.test(document.title)) wrong.push(`the title is “${document.title}”`);
    if (document.querySelectorAll('main').length !== 1) wrong.push('not one main');
    if (document.documentElement.lang !== 'en') wrong.push('no language');
    if (framed) {
      const skip = document.querySelector<HTMLAnchorElement>('a[href], button');
      if (skip?.getAttribute('href') !== '#main') wrong.push('the first thing to tab to isn’t the way to the content');
      if (!Array.from(document.querySelectorAll('nav')).some(shown)) wrong.push('no menu');
    }
    return wrong;
  }, framed);
}

/** Borders of fields, and the tracks of switches, stand out at 3 : 1 (WCAG 1.4.11). */
export async function borders(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const over = (...colours: string[]) => {
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      return Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
    };
    const luminance = (rgb: number[]) => {
      const [r, g, b] = rgb.map((part) => {
        const x = part / 255;
        return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a: number[], b: number[]) => {
      const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
      return (light + 0.05) / (dark + 0.05);
    };
    const behind = (element: Element | null): string[] => {
      const colours: string[] = [];
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (colour !== 'rgba(0, 0, 0, 0)') colours.unshift(colour);
      }
      return ['white', ...colours];
    };
    const wrong: string[] = [];
    const tell = (element: Element, colour: string) => {
      const found = contrast(over(...behind(element.parentElement), colour), over(...behind(element.parentElement)));
      if (found < 3) wrong.push(`${element.outerHTML.slice(0, 90)} stands out at ${found.toFixed(2)} : 1`);
    };
    const fields = 'input:not([type=checkbox], [type=radio], [type=hidden], [type=file], :disabled), select:not(:disabled), textarea:not(:disabled)';
    for (const field of document.querySelectorAll(fields)) {
      const style = getComputedStyle(field);
      if (field.checkVisibility() && parseFloat(style.borderTopWidth) > 0) tell(field, style.borderTopColor);
    }
    for (const track of document.querySelectorAll('.switch i')) {
      if (track.checkVisibility()) tell(track, getComputedStyle(track).backgroundColor);
    }
    return wrong;
  });
}

/** Nothing stands beyond the right edge, and nothing to press is smaller than `smallest`. */
export async function room(page: Page, smallest: number): Promise<string[]> {
  const width = page.viewportSize()!.width;
  return page.evaluate(
    ({ width, smallest }) => {
      const wrong: string[] = [];
      const name = (element: Element) => {
        const words = (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40);
        const classes = element.className && typeof element.className === 'string' ? `.${element.className.replace(/ +/g, '.')}` : '';
        return `${element.tagName.toLowerCase()}${classes} “${words}”`;
      };
      const top = document.querySelector('dialog[open]');
      const shown = (element: Element) => {
        const box = element.getBoundingClientRect();
        return element.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1 && (!top || top.contains(element));
      };
      if (document.documentElement.scrollWidth > width) wrong.push(`the page is ${document.documentElement.scrollWidth} px wide`);
      const scrolls = (element: Element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
      for (const element of document.querySelectorAll('main, dialog[open]')) {
        if (shown(element) && element.scrollWidth > element.clientWidth) wrong.push(`${name(element).slice(0, 30)} scrolls sideways: ${element.scrollWidth} px`);
      }
      for (const element of document.querySelectorAll('main *, dialog[open] *, .tabbar *')) {
        if (!shown(element) || element.getBoundingClientRect().right <= width + 1) continue;
        let within = element.parentElement;
        while (within && within.tagName !== 'MAIN' && within.tagName !== 'DIALOG' && !scrolls(within)) within = within.parentElement;
        if (!within || within.tagName === 'MAIN' || within.tagName === 'DIALOG') {
          wrong.push(`${name(element)} ends at ${Math.round(element.getBoundingClientRect().right)} px`);
        }
      }

      // A link in a sentence is as high as its line; everything else has room for a finger, also where only what is
      // around it answers: a label, or what the style sheet adds.
      const inSentence = (element: Element) => {
        if (!getComputedStyle(element).display.startsWith('inline') || getComputedStyle(element).display === 'inline-flex') return false;
        const around = element.parentElement!;
        return Array.from(around.childNodes).some((node) => node !== element && (node.textContent ?? '').trim().length > 1);
      };
      const answers = (element: Element, x: number, y: number) => {
        const there = document.elementFromPoint(x, y);
        if (!there) return false;
        if (element.contains(there)) return true;
        const label = there.closest('label');
        return label !== null && (label.control === element || label.contains(element));
      };
      const targets = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option], [role=switch]';
      for (const element of document.querySelectorAll(targets)) {
        if (!shown(element) || element.closest('.skip, .sr-only') || inSentence(element)) continue;
        if ((element as HTMLInputElement).disabled) continue;
        element.scrollIntoView({ block: 'center', inline: 'center' });
        const box = element.getBoundingClientRect();
        if (box.width >= smallest && box.height >= smallest) continue;
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        // How far it answers that way, from its middle.
        const reach = (dx: number, dy: number) => {
          let far = 0;
          while (far < smallest && answers(element, x + dx * (far + 1), y + dy * (far + 1))) far++;
          return far;
        };
        const wide = box.width >= smallest || reach(-1, 0) + reach(1, 0) + 1 >= smallest - 1;
        const high = box.height >= smallest || reach(0, -1) + reach(0, 1) + 1 >= smallest - 1;
        if (!wide || !high) wrong.push(`${name(element)} is ${Math.round(box.width)} × ${Math.round(box.height)} px`);
      }
      return Array.from(new Set(wrong));
    },
    { width, smallest },
  );
}
