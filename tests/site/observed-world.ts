import { addDays, type Day, dayOf, daysBetween, daysFrom, type Instant } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import type { Alerts, Incident } from '#scripts/core/incidents/incident.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import type { Observation } from '#scripts/core/probe/observation.ts';
import { sha256, WORLD_NOW } from './world.ts';

/** Text where a server answers with text of its own. */
export interface ServedTexts {
  readonly name?: string;
}

const FIRST = addDays(dayOf(WORLD_NOW), -89);
/** Both versions of the policy: announced so many days before the world's now. */
const [TESTING, ENFORCE] = [70, 40] as const;
/** A certificate lives so long, and is replaced so many days before its end. */
const [LIFE, RENEWED] = [90, 30] as const;

/** The days of the world, oldest first. */
export const WORLD_DAYS: readonly Day[] = daysFrom(FIRST, dayOf(WORLD_NOW));

/** What probes would have seen of one domain, one look a day. The certificate of mx2 of every 11th was renewed late. */
export function observations(
  config: DomainConfig,
  index: number,
  texts: ServedTexts = {},
  days: readonly Day[] = WORLD_DAYS,
): readonly Observation[] {
  const { domain } = config;
  return days.flatMap((day) => {
    const position = daysBetween(FIRST, day);
    const seen = (
      rest: Omit<Observation, 'at' | 'vantage' | 'domain' | 'outcome' | 'code'> & Partial<Observation>,
    ) => ({
      at: `${day}T03:17:00Z` as Instant,
      vantage: 'main',
      domain,
      outcome: 'ok' as const,
      code: 'ok',
      ...rest,
    });
    const name = texts.name ?? null;
    const hosts = ['mx1', 'mx2'].flatMap((host, number) =>
      (number === 0 ? ['203.0.113.10', '2001:db8::10'] : ['203.0.113.20']).map((address): Observation => {
        const late = index % 11 === 0 && number === 1;
        const certificate = certificateOf(`${host}.${domain}`, position, index + number * 17, late, name);
        const expired = certificate.not_after.slice(0, 10) < day;
        return seen({
          kind: 'mx',
          subject: `${host}.${domain}`,
          address,
          ...(expired ? { outcome: 'bad' as const, code: 'mx-cert-expired' } : {}),
          facts: {
            ...(expired ? { reason: 'expired', detail: `It ended at ${certificate.not_after}. ${name ?? ''}` } : {}),
            preference: 10 * (number + 1),
            backup: false,
            tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', versions: ['TLSv1.2', 'TLSv1.3'] },
            certificate,
            chain: [{ subject: 'CN=R11, O=Example CA', sha256: sha256('R11'), spki_sha256: sha256('R11 key') }],
          },
        });
      }),
    );
    const id = position < 90 - ENFORCE ? idOf(TESTING) : idOf(ENFORCE);
    return [
      ...hosts,
      seen({
        kind: 'policy',
        subject: `mta-sts.${domain}`,
        address: '203.0.113.80',
        facts: {
          protocol: 'TLSv1.3',
          status: 200,
          version: id,
          certificate: certificateOf(`mta-sts.${domain}`, position, index + 5, false, name),
        },
      }),
      seen({
        kind: 'txt',
        subject: `_mta-sts.${domain}`,
        address: null,
        facts: { records: [`v=STSv1; id=${id};`], strays: 0 },
      }),
      seen({
        kind: 'tlsrpt',
        subject: `_smtp._tls.${domain}`,
        address: null,
        facts: { records: [name ?? 'v=TLSRPTv1; rua=mailto:tls-reports@organisation.example'] },
      }),
      seen({
        kind: 'mx-set',
        subject: domain,
        address: null,
        facts: {
          set: [
            { preference: 10, host: `mx1.${domain}` },
            { preference: 20, host: `mx2.${domain}` },
          ],
        },
      }),
      ...(index % 3 === 0
        ? [
            seen({
              kind: 'dane' as const,
              subject: `mx1.${domain}`,
              address: null,
              facts: { dane: true, signed: true, records: [`3 1 1 ${sha256(`key of mx1.${domain}`)}`] },
            }),
          ]
        : []),
    ];
  });
}

/** The certificate that stood on a host at a day: each is replaced a month before its end, a late one five days after it. */
function certificateOf(host: string, position: number, shift: number, late: boolean, name: string | null) {
  const step = LIFE - RENEWED;
  const start = late ? -2 : (shift * 7) % step;
  const turn = late ? 0 : Math.floor((position + step - start) / step);
  const from = addDays(FIRST, late ? -LIFE + 85 : start + (turn - 1) * step);
  const serial = sha256(`${host} ${from}`).slice(0, 32);
  return {
    subject: name ?? `CN=${host}`,
    issuer: 'CN=R11, O=Example CA',
    serial,
    sha256: sha256(serial),
    spki_sha256: sha256(`key ${serial}`),
    not_before: `${from}T02:00:00Z`,
    not_after: `${addDays(from, LIFE)}T02:00:00Z`,
    dns_names: [host],
  };
}

function idOf(daysBefore: number): string {
  return `${addDays(dayOf(WORLD_NOW), -daysBefore).replaceAll('-', '')}090000`;
}

/** Testing first, then what the configuration asks for. */
export function ledgerEvents(config: DomainConfig): readonly LedgerEvent[] {
  return (
    [['testing', TESTING], ...(config.mode === 'testing' ? [] : [[config.mode, ENFORCE] as const])] as const
  ).flatMap(([mode, before]): LedgerEvent[] => {
    const day = addDays(dayOf(WORLD_NOW), -before);
    const max_age = mode === 'testing' ? 86_400 : config.max_age;
    const body = `version: STSv1\r\nmode: ${mode}\r\n${config.mx.map((mx) => `mx: ${mx}\r\n`).join('')}max_age: ${max_age}\r\n`;
    const on = { id: idOf(before), sha256: sha256(body) };
    const triggers = mode === 'testing' ? [] : (['mode', 'max-age'] as const);
    return [
      {
        at: `${day}T09:00:00Z` as Instant,
        event: 'minted',
        ...on,
        body,
        mode,
        max_age,
        mx: config.mx,
        triggers,
        commit: null,
      },
      { at: `${day}T09:20:00Z` as Instant, event: 'served', ...on },
      { at: `${day}T10:05:00Z` as Instant, event: 'announced', ...on },
    ];
  });
}

/** One that is over for every 13th domain and one that is open for every 11th. */
export function alertsFor(domains: readonly DomainConfig[], texts: ServedTexts = {}): Alerts {
  const incidents = domains.flatMap(({ domain }, index): Incident[] => {
    if (index % 11 === 0) return [incident(domain, `open${index}`, addDays(dayOf(WORLD_NOW), -5), null, texts)];
    if (index % 13 === 5) return [incident(domain, `over${index}`, addDays(FIRST, 42), addDays(FIRST, 46), texts)];
    return [];
  });
  return { version: 1, authors: [], incidents: Object.fromEntries(incidents.map((one) => [one.key, one])) };
}

function incident(domain: string, key: string, from: Day, to: Day | null, { name }: ServedTexts): Incident {
  const at = (day: Day, time: string) => `${day}T${time}:00Z` as Instant;
  const closed_at = to === null ? null : at(to, '08:00');
  return {
    key,
    kind: 'findings',
    number: 40 + key.length,
    state: to === null ? 'open' : 'closed',
    creating: false,
    members: [key],
    cause: null,
    rule: 'certificate-expired',
    summary: `certificate-expired on mx2.${domain}, seen by google.com and microsoft.com. ${name ?? ''}`,
    domains: [domain],
    severity: 'sev1',
    peak: 'sev1',
    recovering: false,
    detected_at: at(from, '06:10'),
    opened_at: at(from, '06:11'),
    closed:
      closed_at === null
        ? null
        : { at: closed_at, by: 'postern', reason: 'completed', severity: 'sev1', recovered_at: closed_at },
    acknowledged: { at: at(from, '07:02'), by: 'someone' },
    heard_after: null,
    snoozed: null,
    targets: { respond_by: at(from, '10:10'), notify_by: at(from, '08:10'), resolve_by: at(addDays(from, 1), '06:10') },
    addressed: [],
    mentioned: [],
    labels: [],
    assigned: [],
    kept_open: false,
    timeline: [
      { at: at(from, '06:10'), event: 'detected', detail: null },
      { at: at(from, '06:11'), event: 'opened', detail: null },
      { at: at(from, '07:02'), event: 'acknowledged', detail: name ?? '@someone-on-call' },
      ...(closed_at === null ? [] : [{ at: closed_at, event: 'closed' as const, detail: null }]),
    ],
    updated_at: null,
  };
}
