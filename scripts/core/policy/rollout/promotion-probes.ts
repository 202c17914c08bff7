import { addDays, type Day, dayOf, daysBetween, daysFrom, type Instant, parseInstant } from '../../clock.ts';
import type { Observation, ObservationKind } from '../../probe/observation.ts';
import { shareText } from '../../share-text.ts';
import type { Condition } from './promotion-condition.ts';

/** Days on each of which every MX host must have been seen sound, and of the policy host's record (rollout rules §3). */
const MX_DAYS = 7;
const POLICY_HOST_DAYS = 14;
const POLICY_HOST_SHARE = 0.99;
const EXPIRED = new Set(['mx-cert-expired', 'policy-cert-expired']);
const EXPIRING = new Set(['mx-cert-expiring', 'policy-cert-expiring']);

/** Looks in a row that saw exactly the same, from `first` to `at`: what the store of observations tells of the past. */
export interface Looks extends Observation {
  readonly first: Instant;
  readonly looks: number;
}

type Rows = readonly Looks[] | null;

/** Every MX host on every address sound on each of the last 7 days, backups too: what was not seen is not green. */
export function mxCondition(rows: Rows, now: Instant): Condition {
  const of = condition('mx-probes');
  const days = lastDays(now, MX_DAYS);
  const seen = ofKind(rows, 'mx', days[0]);
  if (seen.length === 0) return of('unknown', 'The MX hosts were not probed in the last 7 days.');
  const bad = seen.find(({ outcome }) => outcome === 'bad');
  if (bad !== undefined) return of('unmet', `${placeOf(bad)} was ${bad.code} on ${dayOf(bad.at)}.`);
  const places = Map.groupBy(seen, placeOf);
  for (const [place, own] of places) {
    const sound = own.filter(({ outcome }) => outcome === 'ok');
    const missing = days.filter((day) => !sound.some((row) => isDayOfLooks(row, day)));
    // Today is not over: a probe may be still to come.
    if (missing.some((day) => day !== dayOf(now)))
      return of('unknown', `${place} was seen sound on ${days.length - missing.length} of the last ${MX_DAYS} days.`);
  }
  return of('met', `Every MX host and address (${places.size}) was sound on each of the last ${MX_DAYS} days.`);
}

/** In sync and reachable in 99 % of what was seen in 14 days, and now. */
export function policyHostCondition(rows: Rows, now: Instant): Condition {
  const of = condition('policy-host');
  const seen = ofKind(rows, 'policy', lastDays(now, POLICY_HOST_DAYS)[0]).filter(
    ({ outcome }) => outcome !== 'unknown',
  );
  const newest = latestOf(seen);
  if (newest === null) return of('unknown', 'The policy host was not probed in the last 14 days.');
  const all = countOf(seen);
  const sound = countOf(seen.filter(({ outcome }) => outcome === 'ok'));
  const percent = `${shareText(sound, all)} of ${all} looks in 14 days`;
  const bad = newest.find(({ outcome }) => outcome === 'bad');
  if (bad !== undefined) return of('unmet', `The policy host is ${bad.code} at the last look, ${bad.at}.`);
  return of(sound / all >= POLICY_HOST_SHARE ? 'met' : 'unmet', `The policy host was sound in ${percent}.`);
}

/**
 * An expired certificate can never be lifted; one about to expire holds promotion up until it is renewed. Where a look ended
 * before any certificate was shown, it is not known.
 */
export function certificateCondition(rows: Rows, now: Instant): Condition {
  const of = condition('certificates');
  const lately = (rows ?? []).filter(
    ({ kind, at }) => (kind === 'mx' || kind === 'policy') && dayOf(at) >= addDays(dayOf(now), -2),
  );
  const places = [...Map.groupBy(lately, (row) => `${row.kind} ${placeOf(row)}`).values()].map((own) => ({
    newest: latestOf(own.filter(({ outcome }) => outcome !== 'unknown')) ?? [],
    last: latestOf(own)?.[0],
  }));
  const seen = places.flatMap(({ newest }) => newest);
  if (!seen.some(showsCertificate)) return of('unknown', 'No certificate was seen in the last two days.');
  const expired = seen.find((row) => EXPIRED.has(row.code) || (notAfter(row) ?? now) < now);
  if (expired !== undefined)
    return { ...of('unmet', `The certificate of ${placeOf(expired)} has expired.`), code: 'certificate-expired' };
  const expiring = seen.find(({ code }) => EXPIRING.has(code));
  if (expiring !== undefined) return of('unmet', `The certificate of ${placeOf(expiring)} is about to expire.`);
  const hidden = places.find(({ newest }) => !newest.some(showsCertificate))?.last;
  if (hidden !== undefined)
    return of('unknown', `The certificate of ${placeOf(hidden)} was not seen in the last two days (${hidden.code}).`);
  return of('met', 'Every certificate of MX hosts and policy host is valid.');
}

/** Asked only where DANE was looked at and there is something: TLSA records that do not match defer mail in any mode. */
export function daneCondition(rows: Rows, now: Instant): readonly Condition[] {
  const of = condition('dane');
  const seen = ofKind(rows, 'dane', addDays(dayOf(now), -2));
  const newest = [...Map.groupBy(seen, placeOf).values()].flatMap((some) => latestOf(some) ?? []);
  if (newest.length === 0) return [];
  const bad = newest.find(({ outcome }) => outcome === 'bad');
  if (bad !== undefined) return [of('unmet', `DANE at ${placeOf(bad)}: ${bad.code}.`)];
  const blind = newest.find(({ outcome }) => outcome === 'unknown');
  if (blind !== undefined) return [of('unknown', `DANE at ${placeOf(blind)} could not be seen: ${blind.code}.`)];
  return [of('met', 'TLSA records, where there are any, match.')];
}

function condition(name: string) {
  return (state: Condition['state'], text: string): Condition => ({ name, state, text, code: 'promotion-guard' });
}

/** Whether these looks saw that day. Fewer looks than days cannot have seen each day, so then only the ends count. */
function isDayOfLooks({ first, at, looks }: Looks, day: Day): boolean {
  const [from, to] = [dayOf(first), dayOf(at)];
  if (day === from || day === to) return true;
  return from < day && day < to && looks > daysBetween(from, to);
}

function countOf(rows: readonly Looks[]): number {
  return rows.reduce((sum, { looks }) => sum + looks, 0);
}

function ofKind(rows: Rows, kind: ObservationKind, from: Day | undefined): readonly Looks[] {
  return (rows ?? []).filter((row) => row.kind === kind && (from === undefined || dayOf(row.at) >= from));
}

/** `now` and the days before it, ascending. */
function lastDays(now: Instant, count: number): readonly Day[] {
  return daysFrom(addDays(dayOf(now), 1 - count), dayOf(now));
}

function placeOf({ subject, address }: Looks): string {
  return address === null ? subject : `${subject} [${address}]`;
}

/** All rows of the newest look; null when there is none. */
function latestOf(rows: readonly Looks[]): readonly Looks[] | null {
  let newest: Instant | null = null;
  for (const { at } of rows) if (newest === null || at > newest) newest = at;
  return newest === null ? null : rows.filter(({ at }) => at === newest);
}

/** Sound is only who showed a valid one (standing in `facts.certificate`); of faults, some are found before it is shown. */
function showsCertificate(row: Looks): boolean {
  return row.outcome === 'ok' || row.code.includes('-cert-') || notAfter(row) !== null;
}

function notAfter({ facts }: Looks): Instant | null {
  const { not_after } = (facts['certificate'] ?? {}) as Readonly<Record<string, unknown>>;
  return typeof not_after === 'string' ? parseInstant(not_after) : null;
}
