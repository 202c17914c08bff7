import { parseDomainName } from '../../../standards/domain-name.ts';
import { excerpt } from '../../../standards/excerpt.ts';
import { parseMxPattern } from '../../../standards/mx-pattern.ts';
import type { Parsed } from '../../../standards/parsed.ts';
import { parseReportUri } from '../../../standards/tls-rpt-record.ts';
import type { RuleId } from '../rules/rule-table.ts';

/** The `format`s of our own in the schemas: text that must satisfy a reader, which also says why it does not. */
export interface Format {
  readonly rule: RuleId;
  readonly read: (text: string) => Parsed<unknown>;
  readonly hint: (text: string) => string | null;
}

export const FORMATS: Readonly<Record<'domain-name' | 'mx-pattern' | 'report-uri' | 'inside-path', Format>> = {
  'domain-name': {
    rule: 'domain-name',
    read: parseDomainName,
    hint: () => 'Write the full name, such as example.com.',
  },
  'mx-pattern': {
    rule: 'mx-pattern',
    read: parseMxPattern,
    hint: () => 'Write a host name such as mx1.example.com, or "*.example.com" for exactly one label.',
  },
  'report-uri': { rule: 'reporting-address', read: parseReportUri, hint: reportUriHint },
  'inside-path': {
    rule: 'path-outside',
    read: readInsidePath,
    hint: () => 'Write a path relative to the root, such as data/inbox.',
  },
};

function reportUriHint(text: string): string {
  if (/^[^\s@:/]+@[^\s@:/]+$/.test(text)) return `Write mailto:${excerpt(text)}.`;
  return 'Write mailto:tls-reports@example.net, or an https: URL.';
}

/** A path that stays in the repository: relative, slashes only, no `..`. */
function readInsidePath(text: string): Parsed<string> {
  const leaves = /^(?:[/~]|[A-Za-z]:)/.test(text) || text.includes('\\') || text.split('/').includes('..');
  if (text.trim() !== '' && !leaves) return { ok: true, value: text, lints: [] };
  const message = `\`${excerpt(text)}\` is not a path inside the repository.`;
  return { ok: false, faults: [{ code: 'path-outside', message }] };
}
