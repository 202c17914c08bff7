import { plainText } from '../plain-text.ts';
import { type CsvRow, readCsv } from './read-csv.ts';

/**
 * Where a list of a bundle says something else than the rows, as one sentence; null when it does not. The order of the rows
 * says nothing. Columns that one of the two does not have are left alone: another version may write more of them.
 */
export function listDifference(stated: string, derived: string): string | null {
  const [theirs, ours] = [readCsv(stated), readCsv(derived)];
  const columns = Object.keys(theirs[0] ?? {}).filter((column) => ours[0] === undefined || column in ours[0]);
  const keyOf = (row: CsvRow): string => JSON.stringify(columns.map((column) => row[column]));
  const left = new Map<string, number>();
  for (const row of ours) left.set(keyOf(row), (left.get(keyOf(row)) ?? 0) + 1);
  for (const [index, row] of theirs.entries()) {
    const count = left.get(keyOf(row)) ?? 0;
    if (count === 0) return rowDifference(index, row, ours[index], columns);
    left.set(keyOf(row), count - 1);
  }
  if (theirs.length === ours.length) return null;
  return `It has ${theirs.length} rows; from the rows of data/ there are ${ours.length}.`;
}

/** A cell where the row that should stand there agrees in all others; else the row. */
function rowDifference(index: number, said: CsvRow, derived: CsvRow | undefined, columns: readonly string[]): string {
  const wrong = derived === undefined ? [] : columns.filter((column) => said[column] !== derived[column]);
  const [column] = wrong;
  if (column === undefined || wrong.length > 1) {
    const row = columns.map((name) => said[name]).join(',');
    return `row ${index + 1} does not follow from the rows of data/: ${quoted(row)}.`;
  }
  return `row ${index + 1}: ${column} is ${quoted(said[column])}; from the rows of data/ it is ${quoted(derived?.[column])}.`;
}

function quoted(text: string | undefined): string {
  return JSON.stringify(plainText(text ?? '', 120));
}
