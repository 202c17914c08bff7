import { parseMtaStsPolicy } from '../../standards/mta-sts-policy.ts';
import { certificateFacts, certificateFaults } from './certificate-verdict.ts';
import type { Observation } from './observation.ts';
import type { Observer } from './observer.ts';
import type { FetchedPolicy, PolicyResponse } from './policy-fetch.ts';
import { type ExpectedBodies, sameButLineEnds, syncOf } from './policy-sync.ts';
import { fault, rowsOf, type Sighting, unseen } from './sighting.ts';

export interface PolicyHostCase {
  /** `mta-sts.<policy domain>`. */
  readonly host: string;
  /** One for each address. */
  readonly fetched: readonly FetchedPolicy[];
  readonly expected: ExpectedBodies;
  readonly thresholds: 'relative' | 'fixed';
}

const BODY_LIMIT = 65_536;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const CERTIFICATE_CODES = {
  name: 'policy-cert-name',
  expired: 'policy-cert-expired',
  'not-yet-valid': 'policy-cert-chain',
  chain: 'policy-cert-chain',
  expiring: 'policy-cert-expiring',
} as const;
/** Some senders wait no longer. */
const SLOW_MS = 4000;
const TEXT_EXCERPT = 300;

/**
 * What a sender would make of the policy host (RFC 8461 §3.3), address by address: every fault a row, and one sound row
 * where there is none.
 */
export function checkPolicyHost(
  observer: Observer,
  { host, fetched, expected, thresholds }: PolicyHostCase,
): readonly Observation[] {
  const skewed = skewedAddresses(fetched, expected);
  return fetched.flatMap((one) => {
    const faults = [...certificateSightings(observer, one, thresholds), ...answerSightings(one, expected)];
    if (skewed.has(one.address)) faults.push(fault('policy-edge-skew', 'another address serves another text'));
    return rowsOf(observer, { kind: 'policy', subject: host, address: one.address }, faults, factsOf(one, expected));
  });
}

function certificateSightings(
  { at }: Observer,
  { chain, phase }: FetchedPolicy,
  rule: 'relative' | 'fixed',
): Sighting[] {
  if (phase === 'connect' || phase === 'tls') return [];
  if (chain === null) return [fault('policy-cert-chain', 'no certificate was presented')];
  const faults = certificateFaults(chain, at, rule);
  const codes = [...new Set(faults.map(({ kind }) => CERTIFICATE_CODES[kind]))];
  return codes.map((code) => {
    const of = faults.filter(({ kind }) => CERTIFICATE_CODES[kind] === code);
    const stage = of.find((fault) => fault.stage !== undefined)?.stage;
    return fault(code, of.map(({ detail }) => detail).join('; '), stage === undefined ? {} : { stage });
  });
}

function answerSightings(fetched: FetchedPolicy, expected: ExpectedBodies): Sighting[] {
  const { phase, failure, detail, response, address } = fetched;
  switch (failure) {
    case null:
      return response === null ? [] : responseSightings(response, expected);
    case 'private-address':
      return [unseen('private-address', detail)];
    case 'no-route':
      return [unseen(address.includes(':') ? 'no-ipv6' : 'no-route', detail)];
    case 'timeout':
      return [fault('policy-http-timeout', detail, { phase })];
    case 'refused':
    case 'unreachable':
    case 'handshake':
      return [fault('policy-refused', detail, { phase })];
    case 'reset':
    case 'http':
      return [fault(phase === 'http' ? 'policy-http-status' : 'policy-refused', detail, { phase })];
  }
}

/** In the order a sender looks: status, media type, size, encoding, grammar, then whether it is the right text. */
function responseSightings({ status, headers, body }: PolicyResponse, expected: ExpectedBodies): Sighting[] {
  if (REDIRECTS.includes(status)) {
    const location = (headers['location'] ?? '').slice(0, TEXT_EXCERPT);
    return [fault('policy-http-redirect', `HTTP status ${status}`, { location })];
  }
  if (status !== 200) return [fault('policy-http-status', `HTTP status ${status}`)];
  const faults: Sighting[] = [];
  const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== 'text/plain') {
    faults.push(
      fault('policy-http-media-type', mediaType === '' ? 'no Content-Type' : `Content-Type ${mediaType.slice(0, 100)}`),
    );
  }
  if (body.length > BODY_LIMIT) return [...faults, fault('policy-http-size', `more than ${BODY_LIMIT} bytes`)];
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding !== 'identity')
    return [...faults, fault('policy-encoding', `Content-Encoding ${coding.slice(0, 50)}, not asked for`)];
  return [...faults, ...bodySightings(body, expected)];
}

function bodySightings(body: Uint8Array, expected: ExpectedBodies): Sighting[] {
  const sync = syncOf(body, expected);
  if (sync.kind !== 'foreign') {
    return sync.kind === 'stale' ? [fault('out-of-sync', sync.detail, { serves_id: sync.serves_id })] : [];
  }
  if (expected.versions.some((version) => sameButLineEnds(body, version.body))) {
    return [fault('out-of-sync', 'differs from the recorded text in line ends alone', { line_ends_only: true })];
  }
  const policy = parseMtaStsPolicy(body);
  if (!policy.ok) {
    const encoding = policy.faults.find(({ code }) => code === 'bom' || code === 'policy-encoding');
    if (encoding !== undefined) return [fault('policy-encoding', encoding.message)];
    const faults = policy.faults.map(({ code, message, line }) => ({ code, message, line: line ?? null }));
    return [fault('policy-syntax', faults[0]?.message ?? '', { faults: faults.slice(0, 10) })];
  }
  return expected.versions.length === 0 ? [] : [fault('out-of-sync', 'serves a text that the ledger does not hold')];
}

/** RFC 8461 §8.1: while addresses differ the `id` must not move. Those that serve the right text are not to blame. */
function skewedAddresses(fetched: readonly FetchedPolicy[], expected: ExpectedBodies): ReadonlySet<string> {
  const answered = fetched.flatMap(({ address, response }) =>
    response?.status === 200 ? [{ address, response }] : [],
  );
  if (new Set(answered.map(({ response }) => response.sha256)).size < 2) return new Set();
  const wrong = answered.filter(
    ({ response }) => expected.versions.length === 0 || syncOf(response.body, expected).kind !== 'right',
  );
  return new Set((wrong.length > 0 ? wrong : answered).map(({ address }) => address));
}

function factsOf(
  { chain, protocol, response, ms }: FetchedPolicy,
  expected: ExpectedBodies,
): Readonly<Record<string, unknown>> {
  const answer = response === null ? {} : answerFacts(response, expected);
  const certificate = certificateFacts(chain);
  return {
    ...(ms > SLOW_MS ? { slow: true } : {}),
    ...(protocol === null ? {} : { protocol }),
    ...answer,
    ...(certificate === null ? {} : { certificate }),
  };
}

function answerFacts({ status, headers, body, sha256 }: PolicyResponse, expected: ExpectedBodies) {
  const sync = syncOf(body, expected);
  return {
    status,
    content_type: (headers['content-type'] ?? '').slice(0, 100),
    bytes: body.length,
    sha256,
    ...('version' in sync
      ? { version: sync.version }
      : { text: new TextDecoder().decode(body.subarray(0, TEXT_EXCERPT)) }),
  };
}
