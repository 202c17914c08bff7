import { createHash } from 'node:crypto';
import type { Instant } from '#scripts/core/clock.ts';
import type { LedgerEvent, MintedEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import { renderMtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { parseMxPattern } from '#scripts/standards/mx-pattern.ts';
import { EXAMPLE_DOMAINS } from './domains.ts';

type Published = Pick<MintedEvent, 'mode' | 'max_age' | 'triggers'> & {
  readonly at: string;
  readonly pull_request: number;
  readonly approvers: readonly string[];
};

const [COM, NET, ORG] = EXAMPLE_DOMAINS.map(({ domain }) => domain) as [string, string, string];

/** What `publish` would have written down, had the story been lived: by domain, oldest first. */
const PUBLISHED: Readonly<Record<string, readonly Published[]>> = {
  [COM]: [
    version('2026-06-15T08:41:00Z', 'testing', 86_400, [], 4, ['j-okafor']),
    version('2026-07-20T09:06:00Z', 'enforce', 604_800, ['mode', 'max-age'], 9, ['j-okafor']),
  ],
  [NET]: [version('2026-11-03T08:05:00Z', 'testing', 86_400, [], 21, ['j-okafor'])],
  [ORG]: [
    version('2026-06-22T10:12:00Z', 'testing', 86_400, [], 6, ['j-okafor']),
    version('2026-08-10T07:58:00Z', 'enforce', 604_800, ['mode', 'max-age'], 12, ['j-okafor']),
    // Retiring takes two people beside the author (docs/rollout.md).
    version('2026-11-09T08:30:00Z', 'none', 86_400, ['mode', 'max-age'], 23, ['j-okafor', 'm-lindqvist']),
  ],
};

/** Each ledger of the example: domain → events in the order of the file. */
export const EXAMPLE_LEDGERS: ReadonlyMap<string, readonly LedgerEvent[]> = new Map(
  EXAMPLE_DOMAINS.map(({ domain, mx }) => [
    domain,
    (PUBLISHED[domain] ?? []).flatMap((one) =>
      eventsOf(
        one,
        mx.map(({ host }) => host),
      ),
    ),
  ]),
);

/** The host is served first, the id moves after it (RFC 8461 §8.1). */
function eventsOf(published: Published, hosts: readonly string[]): readonly LedgerEvent[] {
  const { at, mode, max_age, triggers, pull_request, approvers } = published;
  const mx = hosts.map(patternOf);
  const body = renderMtaStsPolicy({ version: 'STSv1', mode, mx, max_age, extensions: [] });
  const on = { id: at.replace(/\D/g, ''), sha256: createHash('sha256').update(body).digest('hex') };
  const approval = { author: 'a-meyer', approvers, exception: false };
  return [
    {
      at: at as Instant,
      event: 'minted',
      ...on,
      body,
      mode,
      max_age,
      mx,
      triggers,
      commit: null,
      pull_request,
      approval,
    },
    { at: later(at, 7), event: 'served', ...on },
    { at: later(at, 16), event: 'announced', ...on },
  ];
}

function version(
  at: string,
  mode: Published['mode'],
  max_age: number,
  triggers: Published['triggers'],
  pull_request: number,
  approvers: readonly string[],
): Published {
  return { at, mode, max_age, triggers, pull_request, approvers };
}

function patternOf(host: string) {
  const parsed = parseMxPattern(host);
  if (!parsed.ok) throw new RangeError(`${host} is no MX pattern`);
  return parsed.value;
}

function later(at: string, minutes: number): Instant {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString().replace('.000', '') as Instant;
}
