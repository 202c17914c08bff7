import type { Instant } from '../../core/clock.ts';
import type { NetworkSettings } from '../../core/config/types.ts';
import { vouchedSignatures } from '../../core/reports/authentication-results.ts';
import { entryDomains, isOurs, type MailProof, type ReadReport } from '../../core/reports/intake.ts';
import type { Mail } from '../../io/mail/mime.ts';

/** What only mail is judged by: reading files need not wait for it. Plain data, because it may come from another thread. */
export interface MailRules {
  /** Domains that are ours. */
  readonly managed: readonly string[];
  /** File of DKIM keys, or null. */
  readonly dkimKeys: string | null;
  /** The resolver for the other keys, and the roots for one over HTTPS, relative to `root`. */
  readonly network: Pick<NetworkSettings, 'resolver' | 'ca_file'>;
  readonly root: string;
  /** Names our own MX writes into Authentication-Results. */
  readonly authservIds: readonly string[];
}

export interface MailProver {
  /** What is known of the mail a report came in; `outer` is the mail that arrived. */
  readonly prove: (report: ReadReport, mail: Mail | null, outer: Mail | null) => Promise<MailProof>;
  readonly close: () => Promise<void>;
}

export const UNPROVEN: MailProof = { signatures: null, vouched: [] };

/** Signatures are looked at only when it matters: nothing is asked of the DNS for domains that are not ours. */
export function mailProver(now: Instant, rules: Promise<MailRules>): MailProver {
  /** Loaded with the first mail that needs it. */
  const load = async ({ managed, dkimKeys, network, root, authservIds }: MailRules) => {
    const { dnsKeys, keyLookup, openDkimVerifier } = await import('../../io/mail/dkim.ts');
    const { openResolver } = await import('../../io/dns/resolver.ts');
    const { loadDkimKeys } = await import('../../io/mail/dkim-keys.ts');
    const keys = dkimKeys === null ? new Map<string, string>() : loadDkimKeys(dkimKeys);
    const { loadTrust } = await import('../../io/net/trust.ts');
    const resolver = await openResolver(network, { ca: loadTrust(root, network).ca });
    const lookUp = keyLookup(keys, dnsKeys(resolver));
    const verify = openDkimVerifier(lookUp, now);
    return { ours: new Set(managed), authservIds, verify, close: resolver.close };
  };
  let loaded: ReturnType<typeof load> | null = null;
  const prove: MailProver['prove'] = async (report, mail, outer) => {
    loaded ??= rules.then(load);
    const { ours, authservIds, verify } = await loaded;
    if (!isOurs(entryDomains(report), ours)) return UNPROVEN;
    if (mail === null) return { signatures: [], vouched: [] };
    const field = mail === outer ? mail.header('authentication-results') : null;
    return { signatures: await verify(mail.raw), vouched: vouchedSignatures(field, authservIds) };
  };
  // A failure to load was told to whoever asked for a proof.
  const close = async () => loaded?.then((one) => one.close()).catch(() => {});
  return { prove, close };
}
