import { type Instant, instantOf, parseInstant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { type CertificateStage, certificateStage, renewalDueAt } from '../incidents/certificate-escalation.ts';
import type { ObservationSpan } from './observation-span.ts';

/** One certificate as it was seen at one address of a host: when first and last, and what it was. */
export interface CertificateLife {
  readonly vantage: string;
  readonly host: string;
  readonly address: string | null;
  readonly serial: string;
  readonly sha256: string;
  /** The key, by the SHA-256 of its SubjectPublicKeyInfo. */
  readonly spki_sha256: string;
  readonly issuer: string;
  readonly not_before: Instant;
  readonly not_after: Instant;
  readonly first_seen: Instant;
  readonly last_seen: Instant;
  /** Keys of the certificates sent behind it. */
  readonly issuer_spki_sha256: readonly string[];
}

/**
 * From the history of one or more hosts (observation-span.ts), by host, address and time. Spans of one certificate that
 * differ only in what else was seen are one life; one that comes back after another is a new one.
 */
export function certificateLives(spans: readonly ObservationSpan[]): readonly CertificateLife[] {
  const seen = spans
    .flatMap((span) => lifeOf(span) ?? [])
    .map((life) => ({ life, place: placeOf(life) }))
    .sort((a, b) => compare(a.place, b.place) || compare(a.life.first_seen, b.life.first_seen));
  const lives: CertificateLife[] = [];
  let lastPlace: string | null = null;
  for (const { life, place } of seen) {
    const last = lives.at(-1);
    if (last !== undefined && lastPlace === place && last.sha256 === life.sha256) {
      const last_seen = last.last_seen > life.last_seen ? last.last_seen : life.last_seen;
      lives[lives.length - 1] = { ...last, last_seen };
    } else lives.push(life);
    lastPlace = place;
  }
  return lives;
}

/** A certificate took the place of another at an address. */
export interface Renewal {
  readonly from: CertificateLife;
  readonly to: CertificateLife;
  /** First seen then; it happened between `from.last_seen` and this. */
  readonly at: Instant;
  /** A TLSA record of usage 3 and selector 1 still fits when the key was kept. */
  readonly key_changed: boolean;
  readonly issuer_changed: boolean;
}

/** Replacements by a certificate that ends later; a return to an older one is none, but a pool whose members differ. */
export function renewals(lives: readonly CertificateLife[]): readonly Renewal[] {
  return lives.flatMap((to, place) => {
    const from = lives[place - 1];
    if (from === undefined || placeOf(from) !== placeOf(to) || to.not_after <= from.not_after) return [];
    const key_changed = from.spki_sha256 !== to.spki_sha256;
    return [{ from, to, at: to.first_seen, key_changed, issuer_changed: from.issuer !== to.issuer }];
  });
}

/** Members of one pool that present different certificates. */
export interface PoolDifference {
  readonly host: string;
  /** `addresses` differ from one another; `behind-one`: one address shows now this, now that. */
  readonly kind: 'addresses' | 'behind-one';
  /** What stands now, the one that ends first first: it is the member that was forgotten. */
  readonly members: readonly CertificateLife[];
}

/** What differs now, and addresses that showed one certificate, another, and the first again. */
export function poolDifferences(lives: readonly CertificateLife[]): readonly PoolDifference[] {
  return [...Map.groupBy(lives, ({ vantage, host }) => `${vantage}\0${host}`).values()].flatMap((ofHost) => {
    const current = currentLives(ofHost);
    const [first] = current;
    if (first === undefined) return [];
    const differ = new Set(current.map(({ sha256 }) => sha256)).size > 1;
    const behind = [...Map.groupBy(ofHost, placeOf).values()].filter(returnsToOlder).map((all) => all.slice(-2));
    return [
      ...(differ ? [{ host: first.host, kind: 'addresses' as const, members: soonestFirst(current) }] : []),
      ...behind.map((members) => ({ host: first.host, kind: 'behind-one' as const, members: soonestFirst(members) })),
    ];
  });
}

/**
 * Where a certificate stands: `due` its renewal was due and nothing newer was seen anywhere; `elsewhere`: another address
 * of the host has a newer one already, so that it was issued and not loaded here.
 */
export interface RenewalStanding {
  readonly life: CertificateLife;
  readonly stage: CertificateStage;
  readonly renewal: 'not-due' | 'due' | 'elsewhere';
  readonly due_at: Instant;
}

export function renewalStandings(
  lives: readonly CertificateLife[],
  kind: AlertSettings['certificate_thresholds'],
  now: Instant,
): readonly RenewalStanding[] {
  const current = currentLives(lives);
  return current.map((life) => {
    const due_at = renewalDueAt(life);
    const newer = current.some((other) => other.host === life.host && other.not_after > life.not_after);
    const renewal = newer ? 'elsewhere' : now >= due_at ? 'due' : 'not-due';
    return { life, stage: certificateStage(life, kind, now), renewal, due_at };
  });
}

/** A TLSA record of a host, as `2 1 1 <hex>`: facts of a `dane` observation. */
export interface IssuerPins {
  readonly host: string;
  readonly records: readonly string[];
}

/**
 * Records that pin an issuer's key (usage 2, selector 1, SHA-256) and fit none of the keys that a host sends now: after a
 * CA changed its intermediate, a DANE client of this host finds nothing to trust (RFC 7671 §5.2).
 */
export function brokenIssuerPins(lives: readonly CertificateLife[], { host, records }: IssuerPins): readonly string[] {
  const pins = records.filter((record) => /^2 1 1 [0-9a-f]{64}$/.test(record));
  const sent = currentLives(lives.filter((life) => life.host === host)).map(
    ({ issuer_spki_sha256 }) => issuer_spki_sha256,
  );
  if (pins.length === 0 || sent.length === 0) return [];
  const fits = (keys: readonly string[]): boolean => pins.some((pin) => keys.includes(pin.slice(6)));
  return sent.every(fits) ? [] : pins;
}

/** At each address the certificate of the last look. */
function currentLives(lives: readonly CertificateLife[]): readonly CertificateLife[] {
  return [...Map.groupBy(lives, placeOf).values()].flatMap((all) => all.at(-1) ?? []);
}

function returnsToOlder(lives: readonly CertificateLife[]): boolean {
  return lives.some((life, place) =>
    lives.slice(0, Math.max(0, place - 1)).some(({ sha256 }) => sha256 === life.sha256),
  );
}

function soonestFirst(lives: readonly CertificateLife[]): readonly CertificateLife[] {
  return [...lives].sort((a, b) => compare(a.not_after, b.not_after));
}

function lifeOf({ vantage, subject, address, first, at, facts }: ObservationSpan): CertificateLife | null {
  const { certificate, chain } = facts as { certificate?: unknown; chain?: unknown };
  if (typeof certificate !== 'object' || certificate === null) return null;
  const field = (name: string): string | null => {
    const value: unknown = (certificate as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : null;
  };
  const [serial, sha256, spki_sha256] = [field('serial'), field('sha256'), field('spki_sha256')];
  const [from, until] = [dateOf(field('not_before')), dateOf(field('not_after'))];
  if (serial === null || sha256 === null || spki_sha256 === null || from === null || until === null) return null;
  const place = { vantage, host: subject, address };
  const span = { not_before: from, not_after: until, first_seen: first, last_seen: at };
  const issuer_spki_sha256 = Array.isArray(chain) ? chain.flatMap(keyOf) : [];
  return { ...place, ...span, serial, sha256, spki_sha256, issuer: field('issuer') ?? '', issuer_spki_sha256 };
}

function keyOf(sent: unknown): readonly string[] {
  const key = typeof sent === 'object' && sent !== null ? (sent as { spki_sha256?: unknown }).spki_sha256 : null;
  return typeof key === 'string' ? [key] : [];
}

function dateOf(text: string | null): Instant | null {
  const instant = parseInstant(text ?? '');
  if (instant !== null) return instant;
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? null : instantOf(ms);
}

function placeOf({ vantage, host, address }: CertificateLife): string {
  return `${vantage}\0${host}\0${address ?? ''}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
