import assert from 'node:assert/strict';
import { parseLedgerLines } from '#scripts/core/policy/versions/ledger-lines.ts';
import { readLedgerText } from '#scripts/io/files/policy-ledger.ts';
import { domainName } from '../../core/analysis/world.ts';
import type { PublishLab } from './publish-world.ts';

const DOMAIN = domainName('example.com');

/** What a run left behind: in the ledger, in DNS, and how much was changed. */

export function events({ data }: PublishLab): readonly { event: string; id: string; at: string; mode?: string }[] {
  const lines = (readLedgerText(data, DOMAIN) ?? '').split('\n').filter(Boolean);
  const all = lines.map((line) => JSON.parse(line) as { event: string; id: string; at: string; mode?: string });
  // The ledger of the policies holds these alone, whatever hosting did.
  for (const { event } of all) assert.ok(['minted', 'served', 'announced', 'withdrawn'].includes(event), event);
  return all;
}

/** Where the policy host was claimed, seen and let go, `hosted fleet`. */
export function hostEvents({ data }: PublishLab): readonly string[] {
  const { events: all } = parseLedgerLines(readLedgerText(data, DOMAIN, 'hosts') ?? '');
  return all.flatMap((one) => ('hosting' in one ? [`${one.event} ${one.hosting?.name ?? 'nobody'}`] : []));
}

export function record({ zone }: PublishLab, name: string): string | undefined {
  return zone.find((one) => one.name === name && one.type !== 'NS')?.data as string | undefined;
}

/** What was changed for the world to see: an object of git that no branch leads to is seen by nobody. */
export function changes({ github, dnsWrites }: PublishLab): number {
  const seen = github.writes().filter(({ operation }) => !/git\/(trees|commits)$/.test(operation));
  return seen.filter(({ applied }) => applied).length + dnsWrites.length;
}
