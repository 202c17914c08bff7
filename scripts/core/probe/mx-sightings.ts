import type { Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import { certificateStage } from '../incidents/certificate-escalation.ts';
import { type ChainDiagnosis, type ChainFault, diagnoseChain } from './chain-diagnosis.ts';
import type { SentCertificate } from './sent-certificate.ts';
import type { Sighting } from './sighting.ts';
import type { MxLook, SmtpLook, SmtpStop, TlsFacts } from './smtp-look.ts';

export interface SightingRules {
  readonly now: Instant;
  readonly certificate_thresholds: AlertSettings['certificate_thresholds'];
}

interface MxFault {
  readonly code: string;
  readonly reason: string;
  readonly detail: string;
}

/** A note: whether the host needs SNI could not be seen. */
export const WITHOUT_SNI_UNKNOWN = 'without-sni-unknown';

/** Every fault of one MX host at one address, or that it is sound, or why nothing could be seen. At least one. */
export function mxSightings(look: MxLook, rules: SightingRules): readonly Sighting[] {
  const { named, weak } = look;
  if (named.tls === null) {
    const stop = named.stop ?? NEVER;
    const blind = blindness(stop, look.address);
    const facts = { phase: stop.phase, reason: stop.reason, detail: stop.detail };
    if (blind !== null) return [{ outcome: 'unknown', code: blind, facts }];
    return weak?.tls == null
      ? [badSighting(stopFault(stop, weak !== null), { phase: stop.phase })]
      : weakFaults(weak.tls, stop).map((fault) =>
          badSighting(fault, { phase: stop.phase, tls: tlsFacts(weak.tls, []) }),
        );
  }
  const question = { chain: named.tls.chain, host: look.host, now: rules.now, objection: named.tls.objection };
  const diagnosis = diagnoseChain({ ...question, fetched_issuer: look.fetched_issuer, revocation: look.revocation });
  const facts = secureFacts(look, named.tls, diagnosis);
  const faults = [
    ...afterTls(named.stop),
    ...diagnosis.faults.map(certificateFault),
    ...expiry(named.tls.chain[0], diagnosis, rules),
    ...withoutName(look, rules.now, diagnosis),
  ];
  return faults.length === 0 ? [{ outcome: 'ok', code: 'ok', facts }] : byCode(faults, facts);
}

const NEVER: SmtpStop = { phase: 'connect', reason: 'unreachable', detail: 'nothing was tried' };

/** Refused or unanswered connections and temporary replies say nothing about TLS, and from one vantage little at all. */
function blindness({ phase, reason }: SmtpStop, address: string): string | null {
  // What is about this vantage and not about the host has a name of its own.
  if (reason === 'private-address' || reason === 'proxy') return reason;
  if (reason === 'no-route') return address.includes(':') ? 'no-ipv6' : 'no-route';
  if (phase === 'connect') return `connect-${reason}`;
  if (phase !== 'greeting' && phase !== 'ehlo') return null;
  const isAnswer = reason === 'not-smtp' || reason === 'too-long' || reason === 'no-ehlo';
  return isAnswer ? null : `${phase}-${reason}`;
}

/** RFC 3207 §4: STARTTLS was never offered, or it was and no session came of it. `triedAll`: not with any cipher either. */
function stopFault({ phase, reason, detail }: SmtpStop, triedAll: boolean): MxFault {
  if (phase === 'greeting' || phase === 'ehlo' || reason === 'not-offered')
    return { code: 'mx-no-starttls', reason, detail };
  if (reason === 'version') return { code: 'mx-handshake', reason: 'no-common-version', detail };
  // TLS has one alert for no common cipher and for a client certificate that is missing.
  if (reason === 'cipher' && triedAll) return { code: 'mx-handshake', reason: 'alert', detail };
  return {
    code: 'mx-handshake',
    reason: phase === 'starttls' && reason !== 'injected' ? `starttls-${reason}` : reason,
    detail,
  };
}

/** The handshake came about only with what current senders refuse. */
function weakFaults({ version, cipher, chain }: TlsFacts, stop: SmtpStop): readonly MxFault[] {
  if (version === 'TLSv1' || version === 'TLSv1.1')
    return [{ code: 'mx-tls-old', reason: 'version', detail: `It speaks ${version} and nothing newer.` }];
  const short = chain.find(({ key, key_bits }) => key_bits !== null && key_bits < (key.startsWith('EC') ? 224 : 2048));
  if (short !== undefined)
    return [{ code: 'mx-cert-weak-key', reason: 'short-key', detail: `${short.key} is too short for its key.` }];
  return [
    { code: 'mx-handshake', reason: 'no-common-cipher', detail: `Only ${cipher} was in common (${stop.detail}).` },
  ];
}

/** A session that breaks right after the handshake is none; a server that is only slow or refuses our EHLO has made one. */
function afterTls(stop: SmtpStop | null): readonly MxFault[] {
  if (stop === null || !['client-certificate', 'closed', 'reset'].includes(stop.reason)) return [];
  const reason = stop.reason === 'client-certificate' ? stop.reason : `after-tls-${stop.reason}`;
  return [{ code: 'mx-handshake', reason, detail: stop.detail }];
}

function certificateFault({ fault, reason, detail }: ChainFault): MxFault {
  return { code: `mx-cert-${fault}`, reason, detail };
}

function expiry(
  leaf: SentCertificate | undefined,
  { faults }: ChainDiagnosis,
  rules: SightingRules,
): readonly MxFault[] {
  if (leaf === undefined || faults.some(({ fault }) => fault === 'expired' || fault === 'not-yet-valid')) return [];
  const stage = certificateStage(leaf, rules.certificate_thresholds, rules.now);
  if (stage === 'none' || stage === 'expired') return [];
  return [{ code: 'mx-cert-expiring', reason: stage, detail: `It ends at ${leaf.not_after}.` }];
}

/** RFC 8461 §7.1: a server must not require SNI. Faults that it also has with the name are told already. */
function withoutName({ unnamed, host }: MxLook, now: Instant, diagnosis: ChainDiagnosis): readonly MxFault[] {
  if (unnamed === null) return [];
  if (unnamed.tls === null) {
    const stop = unnamed.stop;
    if (stop?.phase !== 'handshake') return [];
    return [{ code: 'mx-sni-required', reason: `handshake-${stop.reason}`, detail: stop.detail }];
  }
  const other = diagnoseChain({ chain: unnamed.tls.chain, host, now, objection: null });
  const known = new Set(diagnosis.faults.map(({ fault }) => fault));
  return other.faults
    .filter(({ fault }) => !known.has(fault))
    .map(({ reason, detail }) => ({ code: 'mx-sni-required', reason, detail: `Without SNI: ${detail}` }));
}

/** One row for each code: of several reasons under it the first is told, the others beside it. */
function byCode(faults: readonly MxFault[], facts: Readonly<Record<string, unknown>>): readonly Sighting[] {
  return [...Map.groupBy(faults, ({ code }) => code).values()].map(([first, ...others]) => {
    const also = others.map(({ reason, detail }) => ({ reason, detail }));
    return badSighting(first as MxFault, also.length === 0 ? facts : { ...facts, also });
  });
}

function badSighting({ code, reason, detail }: MxFault, facts: Readonly<Record<string, unknown>>): Sighting {
  return { outcome: 'bad', code, facts: { reason, detail, ...facts } };
}

function secureFacts(look: MxLook, tls: TlsFacts, { path, notes }: ChainDiagnosis): Readonly<Record<string, unknown>> {
  const [leaf] = tls.chain;
  const state = leaf === undefined ? undefined : look.revocation[leaf.sha256]?.state;
  return {
    tls: tlsFacts(tls, look.versions),
    certificate: leaf === undefined ? null : certificateFacts(leaf),
    chain: tls.chain
      .slice(1)
      .map(({ subject, sha256, spki_sha256, not_after }) => ({ subject, sha256, spki_sha256, not_after })),
    path,
    notes: [...notes, ...(tls.ocsp_stapled ? ['ocsp-stapled'] : []), ...sniNotes(look)],
    revocation: state ?? 'not-named',
    ...(look.fetched_issuer === null ? {} : { fetched_issuer: look.fetched_issuer }),
  };
}

function sniNotes({ named, unnamed }: MxLook): readonly string[] {
  const [ours, others] = [certificateOf(named), certificateOf(unnamed)];
  if (others === null) return unnamed === null || unnamed.stop?.phase === 'handshake' ? [] : [WITHOUT_SNI_UNKNOWN];
  return ours === others ? [] : ['other-certificate-without-sni'];
}

function certificateOf(look: SmtpLook | null): string | null {
  return look?.tls?.chain[0]?.sha256 ?? null;
}

function tlsFacts(tls: TlsFacts | null, versions: readonly string[]): Readonly<Record<string, unknown>> | null {
  return tls === null ? null : { version: tls.version, cipher: tls.cipher, versions };
}

function certificateFacts(leaf: SentCertificate): Readonly<Record<string, unknown>> {
  const { subject, issuer, serial, sha256, spki_sha256, not_before, not_after, dns_names, key, signature } = leaf;
  const names = dns_names.slice(0, 50);
  return { subject, issuer, serial, sha256, spki_sha256, not_before, not_after, dns_names: names, key, signature };
}
