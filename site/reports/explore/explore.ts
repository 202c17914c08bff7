import { csvText } from '#scripts/core/month/csv.ts';
import { loadIndex, loadTable, type TableIndex } from './load.ts';
import { number, picture, sentence } from './picture.ts';
import {
  type FailureRow,
  type Filters,
  filtersOf,
  hashOf,
  matching,
  monthsFor,
  type SessionRow,
  seriesOf,
  valuesOf,
} from './query.ts';
import { search } from './search.ts';

/** Rows that the page shows; the CSV holds all. */
const SHOWN = 100;
const COLUMNS = {
  sessions: [
    'day',
    'domain',
    'reporter',
    'policy_type',
    'successful_sessions',
    'failed_sessions',
    'entries_without_counts',
  ],
  failures: ['day', 'domain', 'reporter', 'policy_type', 'result_type', 'mx', 'sessions'],
} as const;
const NUMBERS = new Set<string>(['successful_sessions', 'failed_sessions', 'entries_without_counts', 'sessions']);

type Row = SessionRow | FailureRow;

const form = document.querySelector<HTMLFormElement>('#explore-form');
const status = document.querySelector<HTMLElement>('#explore-status');
const result = document.querySelector<HTMLElement>('#explore-result');
const download = document.querySelector<HTMLButtonElement>('#explore-csv');
const base = document.querySelector<HTMLElement>('[data-base]')?.dataset['base'] ?? '/';

let index: TableIndex | null = null;
let answer: readonly Row[] = [];
let asked: Filters = filtersOf(location.hash);
/** Only the newest question may answer: an older one may still be loading. */
let turn = 0;

async function show(): Promise<void> {
  const mine = ++turn;
  try {
    index ??= await loadIndex(base);
    const months = [...new Set(index.tables.map(({ month }) => month))].sort();
    const wanted = asked.from === '' && asked.to === '' ? months.slice(-2) : monthsFor(asked, months);
    const files = index.tables.filter(({ table, month }) => table === asked.table && wanted.includes(month));
    say(`Reading ${number(files.reduce((sum, { rows }) => sum + rows, 0))} rows …`);
    const rows = (await Promise.all(files.map(({ file }) => loadTable(base, file)))).flat();
    if (mine !== turn) return;
    answer = matching(rows, asked);
    offer('domain', valuesOf(rows, 'domain'));
    offer('reporter', valuesOf(rows, 'reporter'));
    render(wanted);
  } catch (error) {
    if (mine === turn) say(`The tables could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function render(months: readonly string[]): void {
  if (result === null) return;
  const span = months.length === 0 ? 'no month' : `${months[0]} to ${months.at(-1)}`;
  say(
    answer.length === 0
      ? `Nothing was reported that fits, in ${span}. That is not known, not zero.`
      : `${number(answer.length)} rows, ${span}.${answer.length > SHOWN ? ` The first ${SHOWN} are shown; the CSV holds all.` : ''}`,
  );
  if (download !== null) download.disabled = answer.length === 0;
  result.replaceChildren();
  for (const series of seriesOf(answer)) {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    caption.textContent = sentence(series);
    figure.append(caption, picture(series));
    result.append(figure);
  }
  if (answer.length > 0) result.append(table(newestFirst(answer).slice(0, SHOWN)));
}

function newestFirst(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (a.day === b.day ? 0 : a.day < b.day ? 1 : -1));
}

function table(rows: readonly Row[]): HTMLTableElement {
  const made = document.createElement('table');
  made.className = 'stack';
  const head = made.createTHead().insertRow();
  for (const column of COLUMNS[asked.table]) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.textContent = column.replaceAll('_', ' ');
    if (NUMBERS.has(column)) cell.className = 'number';
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const column of COLUMNS[asked.table]) {
      const value = (row as unknown as Readonly<Record<string, unknown>>)[column];
      const cell = line.insertCell();
      cell.textContent = typeof value === 'number' ? number(value) : String(value ?? 'not said');
      cell.dataset['label'] = column.replaceAll('_', ' ');
      if (NUMBERS.has(column)) cell.className = 'number';
    }
  }
  return made;
}

/** What there is to choose, as a list beside the field. */
function offer(name: 'domain' | 'reporter', values: readonly string[]): void {
  const list = document.querySelector(`#explore-${name}s`);
  list?.replaceChildren(
    ...values.slice(0, 5000).map((value) => {
      const option = document.createElement('option');
      option.value = value;
      return option;
    }),
  );
}

function say(text: string): void {
  if (status !== null) status.textContent = text;
}

function fill(): void {
  for (const [name, value] of Object.entries(asked)) {
    const field = form?.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  location.hash = hashOf(
    filtersOf(new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString()),
  );
});

form?.addEventListener('reset', () => {
  location.hash = '';
});

addEventListener('hashchange', () => {
  asked = filtersOf(location.hash);
  fill();
  void show();
});

download?.addEventListener('click', () => {
  const columns = COLUMNS[asked.table];
  const rows = answer.map((row) =>
    columns.map((column) => (row as unknown as Readonly<Record<string, string | number | null>>)[column] ?? null),
  );
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csvText(columns, rows)], { type: 'text/csv' }));
  link.download = `${asked.table}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
});

const wanted = new URLSearchParams(location.search).get('find');
const found = document.querySelector<HTMLElement>('#explore-found');
if (wanted !== null && found !== null)
  search(base, wanted, found).catch((error: unknown) => {
    found.textContent = `The names could not be read: ${error instanceof Error ? error.message : String(error)}`;
    found.hidden = false;
  });

fill();
void show();
