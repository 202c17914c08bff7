import type { DomainReview } from '#scripts/core/review.ts';

export interface ModeWords {
  readonly name: string;
  /** What a sender does under it, as a sentence about the domain. */
  readonly means: string;
}

const MODES: Readonly<Record<DomainReview['state'], ModeWords>> = {
  enforce: {
    name: 'enforce',
    means: 'Senders that know the policy deliver only to a listed MX host with a valid certificate.',
  },
  testing: {
    name: 'testing',
    means: 'Senders check the policy and report what would fail, but deliver all the same.',
  },
  none: { name: 'none', means: 'The policy asks senders for nothing.' },
  retiring: {
    name: 'retiring',
    means: 'The policy is being withdrawn: mode none is served until the last cached copy has expired.',
  },
  absent: { name: 'absent', means: 'No policy is published yet.' },
  reporting: { name: 'reporting', means: 'No policy is published yet; senders are asked for reports.' },
  removed: { name: 'removed', means: 'The policy was withdrawn and its records are gone.' },
};

export function modeWords(state: DomainReview['state']): ModeWords {
  return MODES[state];
}
