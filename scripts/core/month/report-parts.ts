import { shareText } from '../share-text.ts';
import type { SessionTotals } from './figures.ts';
import { type Html, html } from './html.ts';

/** What the sections of the month's report are made of. */

/** A table with a caption; a column whose name begins with `#` holds numbers. */
export function table(caption: string, columns: readonly string[], rows: readonly Html[]): Html {
  const heads = columns.map((name) =>
    name.startsWith('#') ? html`<th scope="col" class="n">${name.slice(1)}</th>` : html`<th scope="col">${name}</th>`,
  );
  return html`<table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}

/** `2026-10-12 07:30`, which no line breaks. UTC, as the report says. */
export function moment(at: string | null, none = ''): Html {
  return at === null || at === '' ? html`${none}` : html`<span class="t">${at.slice(0, 16).replace('T', ' ')}</span>`;
}

/** `2026-10-12`. */
export function dayText(at: string): Html {
  return html`<span class="t">${at.slice(0, 10)}</span>`;
}

export function share({ successful, failed }: Pick<SessionTotals, 'successful' | 'failed'>): string {
  return successful + failed === 0 ? 'no session' : shareText(successful, successful + failed);
}

export function number(value: number): string {
  return value.toLocaleString('en');
}
