import type { Instant } from '../../core/clock.ts';
import { leadsToRoot, missingIssuer } from '../../core/probe/chain-diagnosis.ts';
import type { SentCertificate } from '../../core/probe/sent-certificate.ts';
import type { FetchedIssuer, MxLook, SmtpLook, SmtpStop } from '../../core/probe/smtp-look.ts';
import type { Trust } from '../../io/net/trust.ts';
import { type FetchNamed, fetchIssuer } from '../../io/smtp/fetch-issuer.ts';
import type { SmtpDial, SmtpDialFailure } from '../../io/smtp/proxy-dial.ts';
import type { Revocation, RevocationLists } from '../../io/smtp/revocation.ts';
import { lookOverSmtp, type SessionOptions } from '../../io/smtp/session.ts';
import type { TlsContexts } from '../../io/smtp/tls-contexts.ts';
import type { Turns } from '../../io/smtp/turns.ts';
import { ALONE, type Pace } from './run-queue.ts';

export interface MxEyes {
  readonly dial: SmtpDial;
  readonly port: number;
  /** Who we say we are; null for our address as a literal. */
  readonly ehlo: string | null;
  readonly trust: Trust;
  readonly contexts: TlsContexts;
  readonly turns: Turns;
  readonly fetchIssuerAt: FetchNamed;
  readonly lists: RevocationLists;
  readonly now: Instant;
}

export interface MxAddress {
  readonly host: string;
  readonly address: string;
}

const CONNECT_MS = 10_000;
/** A missing intermediate may miss its own issuer, too. */
const MAX_FETCHES = 3;
const WORTH_A_WEAK_LOOK: readonly string[] = ['version', 'cipher', 'alert', 'closed', 'reset'];

/** Everything about one MX host at one address, by two or three short connections one after the other. */
export async function lookAtMx(
  eyes: MxEyes,
  { host, address }: MxAddress,
  deadline: number,
  pace: Pace = ALONE,
): Promise<MxLook> {
  const connect = (options: Pick<SessionOptions, 'servername' | 'context'>): Promise<SmtpLook> =>
    eyes.turns(
      address,
      () =>
        connectOnce(eyes, address, { ...options, deadline, onProgress: pace.progress, beforeHandshake: pace.claim }),
      pace.pause,
    );

  const named = await connect({ servername: host, context: eyes.contexts.current });
  const base = { host, address, named, unnamed: null, weak: null, fetched_issuer: null, versions: [], revocation: {} };
  if (named.tls === null) {
    const { stop } = named;
    const isWorth = stop?.phase === 'handshake' && WORTH_A_WEAK_LOOK.includes(stop.reason);
    return isWorth ? { ...base, weak: await connect({ servername: host, context: eyes.contexts.weak() }) } : base;
  }
  // The look without a name also tells whether an older version is still spoken.
  const isNewest = named.tls.version === 'TLSv1.3';
  const older = await connect({ servername: null, context: isNewest ? eyes.contexts.tls12() : eyes.contexts.current });
  const isOlderRefused = isNewest && older.stop?.phase === 'handshake';
  const unnamed = isOlderRefused ? await connect({ servername: null, context: eyes.contexts.current }) : older;
  const versions = [named, unnamed].flatMap(({ tls }) => (tls === null ? [] : [tls.version]));
  const issuer = await missing(eyes, named.tls.chain);
  const revocation = await revocations(eyes, issuer.chain);
  return { ...base, unnamed, versions: [...new Set(versions)], fetched_issuer: issuer.fetched, revocation };
}

async function connectOnce(
  eyes: MxEyes,
  address: string,
  options: Pick<SessionOptions, 'servername' | 'context' | 'deadline' | 'beforeHandshake'> & {
    readonly onProgress: () => void;
  },
): Promise<SmtpLook> {
  const left = options.deadline - performance.now();
  if (left <= 0) return { stop: { phase: 'connect', reason: 'timeout', detail: 'no time was left' }, tls: null };
  const socket = await eyes.dial(address, eyes.port, Math.min(left, CONNECT_MS));
  options.onProgress();
  if ('status' in socket) return { stop: notConnected(socket), tls: null };
  return lookOverSmtp(socket, {
    ...options,
    ehlo: eyes.ehlo ?? addressLiteral(socket.localAddress),
    trust: eyes.trust,
  });
}

/** A server that hangs up at once may do so before or after we notice that the connection stood. */
function notConnected({ status, detail }: SmtpDialFailure): SmtpStop {
  if (status === 'reset') return { phase: 'greeting', reason: 'closed', detail };
  return { phase: 'connect', reason: status, detail };
}

/** RFC 5321 §4.1.3. */
function addressLiteral(address = '127.0.0.1'): string {
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}

/** The chain with the issuers that were not sent, as far as they could be fetched. */
async function missing(
  eyes: MxEyes,
  sent: readonly SentCertificate[],
): Promise<{ readonly chain: readonly SentCertificate[]; readonly fetched: FetchedIssuer | null }> {
  let chain = sent;
  let first: FetchedIssuer | null = null;
  for (let fetches = 0; fetches < MAX_FETCHES; fetches += 1) {
    const top = missingIssuer(chain);
    const fetched = top === null ? null : await fetchIssuer(chain, top, eyes.fetchIssuerAt, eyes.trust);
    if (fetched === null) break;
    first ??= { url: fetched.url, completes: false, detail: fetched.detail };
    if (fetched.chain === null) break;
    chain = fetched.chain;
  }
  return { chain, fetched: first === null ? null : { ...first, completes: leadsToRoot(chain) } };
}

/** Asks only about certificates that a trusted root stands above: the others' lists prove nothing. */
async function revocations(
  { lists }: MxEyes,
  chain: readonly SentCertificate[],
): Promise<Readonly<Record<string, Revocation>>> {
  if (!leadsToRoot(chain)) return {};
  const asked = chain.filter(
    (one, place) => one.revocation_lists.length > 0 && !one.anchors.includes(one.sha256) && (place === 0 || one.is_ca),
  );
  const answers = asked.map(async (one): Promise<[string, Revocation]> => {
    const issuer = one.signed_by.map((place) => chain[place]).find((other) => other !== undefined && other !== one);
    return [one.sha256, await lists.check(one, issuer ?? null)];
  });
  return Object.fromEntries(await Promise.all(answers));
}
