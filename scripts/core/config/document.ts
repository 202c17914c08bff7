import type { Problem } from '../problem.ts';
import type { FileFault } from './file-role.ts';
import type { Remark } from './remark.ts';
import { RULES, type RuleId } from './rules/rule-table.ts';
import type { TextFault } from './yaml/decode.ts';
import { positionsIn } from './yaml/text-position.ts';
import { offsetOf } from './yaml/yaml-outline.ts';
import { outlineText } from './yaml/yaml-text.ts';

/** One file and all that has been said about it. */
export interface Document {
  /** Printable, relative to the root. */
  readonly file: string;
  readonly text: string;
  readonly file_faults: readonly FileFault[];
  readonly text_faults: readonly TextFault[];
  readonly remarks: readonly Remark[];
}

/** More than this many in one file help nobody. */
const MOST_PROBLEMS = 50;

export function hasError({ file_faults, text_faults, remarks }: Document): boolean {
  return file_faults.some(isError) || text_faults.some(isError) || remarks.some(isError);
}

function isError({ rule, severity }: { readonly rule: RuleId; readonly severity?: Problem['severity'] }): boolean {
  return (severity ?? RULES[rule].severity) === 'error';
}

/** The problems of a document with their lines: the only place where a good file's text would be looked at twice. */
export function problemsOf(document: Document): readonly Problem[] {
  const { file, text, file_faults, text_faults, remarks } = document;
  if (file_faults.length + text_faults.length + remarks.length === 0) return [];
  const problems = file_faults.map((fault) => fileProblem(file, fault));
  const position = positionsIn(text);
  for (const { rule, message, hint, offset } of text_faults.slice(0, MOST_PROBLEMS)) {
    const place = offset === null ? { line: null, column: null } : position(offset);
    problems.push({ rule, severity: RULES[rule].severity, file, ...place, message, hint });
  }
  if (remarks.length > 0) {
    const outline = outlineText(text);
    // Errors first, so that warnings cannot crowd them out.
    const ordered = remarks.toSorted((a, b) => Number(isError(b)) - Number(isError(a)));
    for (const { rule, severity, path, on_key, message, hint } of ordered.slice(0, MOST_PROBLEMS)) {
      const place = position(offsetOf(outline, path, on_key === true));
      problems.push({ rule, severity: severity ?? RULES[rule].severity, file, ...place, message, hint });
    }
  }
  const unsaid = text_faults.length + remarks.length - (problems.length - file_faults.length);
  if (unsaid > 0) {
    const message = `${unsaid} more problems in this file are not shown.`;
    problems.push(fileProblem(file, { rule: 'too-many-problems', message, hint: 'Mend those above first.' }));
  }
  return problems;
}

/** A problem that is the file itself. */
export function fileProblem(file: string, { rule, message, hint }: FileFault): Problem {
  return { rule, severity: RULES[rule].severity, file, line: null, column: null, message, hint };
}

/** By file, line, column and rule. */
export function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted(
    (a, b) =>
      compare(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
