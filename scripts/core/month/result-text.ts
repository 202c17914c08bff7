import { plainText } from '../plain-text.ts';
import type { Mismatch } from './chain.ts';

/** Results of `digest monthly` and `verify` for a person. */

export function monthlyText(
  result: {
    readonly files: readonly string[];
    readonly frozen: readonly string[];
    readonly restated: readonly string[];
  },
  dryRun: boolean,
): string {
  const { files, frozen, restated } = result;
  if (dryRun) return frozen.length === 0 ? 'No month is due.' : `Would be frozen (dry run): ${frozen.join(', ')}.`;
  return [
    frozen.length === 0 ? 'No month was due.' : `Frozen: ${frozen.join(', ')}.`,
    ...(restated.length === 0 ? [] : [`Stated anew, because later reports changed them: ${restated.join(', ')}.`]),
    ...files.map((file) => `  ${file}`),
  ].join('\n');
}

export function verifyText(
  bundle: string,
  result: {
    readonly ok: boolean;
    readonly period: string | null;
    readonly checked: number;
    readonly mismatches: readonly Mismatch[];
  },
): string {
  const { ok, period, checked, mismatches } = result;
  const name = plainText(bundle, 200);
  if (ok) return `${name}: ${period}: ${checked} things checked, every one as the manifest and the rows say.`;
  return [
    `${name} does not hold:`,
    ...mismatches.map(({ file, message }) => `  ${plainText(file, 200)}: ${plainText(message, 500)}`),
  ].join('\n');
}
