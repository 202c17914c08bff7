import { policyHost } from '#scripts/core/policy/desired.ts';
import type { HostedPolicy } from '#scripts/core/policy/hosted-policy.ts';
import { displayDomainName } from '#scripts/standards/domain-name.ts';
import type { Mode } from '#scripts/standards/mta-sts-policy.ts';
import { duration } from './words.ts';

/** What a policy host tells a person who opens it in a browser. */
export interface PolicyPage {
  readonly name: string;
  readonly host: string;
  readonly mode: Mode;
  /** What the policy asks, in one sentence. */
  readonly headline: string;
  readonly points: readonly { readonly term: string; readonly text: string; readonly names: readonly string[] }[];
  /** The policy as text, with the line ends of this page. */
  readonly policy: string;
}

export function policyPage(policy: HostedPolicy): PolicyPage {
  const name = displayDomainName(policy.domain);
  const wildcards = policy.mx.some((pattern) => pattern.startsWith('*.'));
  const remembered = duration(policy.max_age);
  const words = WORDS[policy.mode];
  return {
    name,
    host: policyHost(policy.domain),
    mode: policy.mode,
    headline: policy.retiring ? `MTA-STS for ${name} is being withdrawn.` : words.headline(name),
    points: [
      { term: 'Mode', text: policy.retiring ? RETIRING : words.mode, names: [policy.mode] },
      ...(policy.mode === 'none'
        ? []
        : [{ term: 'MX hosts', text: hosts(policy.mx.length, wildcards), names: policy.mx }]),
      {
        term: 'Kept for',
        text: `A sender keeps this policy for ${remembered} after it was last fetched, and looks for a newer one meanwhile. It goes by the kept copy even when this host cannot be reached.`,
        names: [remembered],
      },
      ...(words.sender === null ? [] : [{ term: 'A sender', text: words.sender, names: [] }]),
    ],
    policy: policy.body.replaceAll('\r\n', '\n'),
  };
}

const RETIRING =
  'Senders that look here learn to drop the policy they kept. This host stays until the last kept copy has expired; then it goes.';

const WORDS: Readonly<Record<Mode, { headline: (name: string) => string; mode: string; sender: string | null }>> = {
  enforce: {
    headline: (name) => `Senders that support MTA-STS deliver mail to ${name} over verified TLS, or not at all.`,
    mode: 'Where a check fails, a sender does not deliver to that host. It tries the others, keeps the message in its queue and tries again later.',
    sender:
      'It takes only an MX host of this list, switches to TLS by STARTTLS, and wants a certificate that is valid, trusted and names that host.',
  },
  testing: {
    headline: (name) => `Senders that support MTA-STS test whether mail to ${name} can be delivered over verified TLS.`,
    mode: 'Where a check fails, a sender delivers all the same and may report the failure.',
    sender:
      'It looks whether the MX host is on this list, offers TLS by STARTTLS, and shows a certificate that is valid, trusted and names that host.',
  },
  none: {
    headline: (name) => `${name} asks senders for nothing.`,
    mode: 'Senders treat the domain as one without MTA-STS.',
    sender: null,
  },
};

function hosts(patterns: number, wildcards: boolean): string {
  const only =
    patterns === 1 ? 'Mail is taken by hosts of this name only.' : 'Mail is taken by hosts of these names only.';
  return wildcards ? `${only} The star stands for exactly one label.` : only;
}
