import type { RecordSet, WantedRecords } from '../../core/dns/record-set.ts';
import { PosternError } from '../../core/failure.ts';
import type { DnsProvider } from './provider.ts';

/** TXT records of other purposes at one of our names are not ours to remove. */
const OURS_IN_TXT = /^v=(?:STSv1|TLSRPTv1)\b/i;
const ATTEMPTS = 2;

/**
 * Brings one record set to what is wanted: looks first, writes only when it differs, and never over a change that
 * somebody made in between. With no values the set goes. Returns whether something was written.
 * Throws PosternError `dns-conflict` (exit 3) when it changes under our hands twice, or when it is not what the decision
 * was made on (`seen`).
 */
export async function setRecords(
  provider: DnsProvider,
  wanted: RecordSet & Pick<WantedRecords, 'seen'>,
): Promise<boolean> {
  const { name, type, ttl } = wanted;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = await provider.read({ name, type });
    const foreign = type === 'TXT' ? held.values.filter((value) => !OURS_IN_TXT.test(value)) : [];
    const values = [...foreign, ...wanted.values];
    if (isSameSet(held.values, values)) return false;
    if (wanted.seen !== undefined && !isSameSet(held.values, wanted.seen)) throw changedSince(provider, wanted);
    if ((await provider.write(held, values, ttl)) === 'written') return true;
  }
  throw new PosternError('dns-conflict', `${provider.kind}: ${type} ${name} is being changed by somebody else.`, {
    hint: 'see who else writes this record, and run the command again',
    exit: 3,
  });
}

function changedSince({ kind }: DnsProvider, { name, type }: RecordSet): PosternError {
  return new PosternError('dns-conflict', `${kind}: ${type} ${name} is not what probes saw there: it was left alone.`, {
    hint: 'npx postern probe looks again; then run publish',
    exit: 3,
  });
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join('\n') === [...b].sort().join('\n');
}
