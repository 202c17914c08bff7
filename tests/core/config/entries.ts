import type { Instant } from '#scripts/core/clock.ts';
import type { Entry } from '#scripts/core/config/entry.ts';
import { examine } from '#scripts/core/config/examine.ts';
import type { Configuration } from '#scripts/core/config/types.ts';
import type { Problem } from '#scripts/core/problem.ts';

export const NOW = '2026-11-21T06:00:00Z' as Instant;
export const SETTINGS = { '_settings.yaml': 'organisation: Example\n' };

/** Files below `domains/` by path, as the reader of files would hand them over. */
export function entriesOf(files: Readonly<Record<string, string | Uint8Array>>): readonly Entry[] {
  return Object.entries(files).map(([path, content]) => {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    return { path, kind: 'file', bytes };
  });
}

/** The configuration of some files, beside the smallest settings unless they bring their own. */
export function configurationOf(files: Readonly<Record<string, string | Uint8Array>>): Configuration {
  return examine(entriesOf({ ...SETTINGS, ...files }), NOW);
}

/** `example.com.yaml:2:6 error mx-pattern`; without line and column when the problem is the file itself. */
export function brief({ file, line, column, severity, rule }: Problem): string {
  const place = line === null ? '' : `:${line}:${column}`;
  return `${file.slice('domains/'.length)}${place} ${severity} ${rule}`;
}
