import { plainText } from '../plain-text.ts';

/** HTML that was built here; text from anywhere else is escaped when it is put in. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | null | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const MAX_TEXT = 2000;

/** Text is escaped and made harmless (core/plain-text.ts), null is nothing, a list is its parts. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.reduce((text, string, index) => `${text}${written(parts[index - 1] ?? null)}${string}`) };
}

function written(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'number') return String(part);
  if (typeof part === 'string') return plainText(part, MAX_TEXT).replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '');
  if ('html' in part) return part.html;
  return part.map(written).join('');
}
