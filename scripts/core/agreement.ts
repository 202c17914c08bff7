/** The four things that must agree (docs/concepts.md), in the order the mark shows them. */
export const AGREEMENT_PARTS = ['mx', 'policy', 'dns', 'reports'] as const;
export type AgreementPart = (typeof AGREEMENT_PARTS)[number];
export type AgreementState = 'agrees' | 'disagrees' | 'unknown';

export interface AgreementCell {
  readonly state: AgreementState;
  /** Why, in one short sentence. */
  readonly why: string;
}

export type Agreement = Readonly<Record<AgreementPart, AgreementCell>>;

/** The mark where there is only text: full, notched, hollow. */
export const AGREEMENT_SIGNS: Readonly<Record<AgreementState, string>> = {
  agrees: '■',
  disagrees: '◧',
  unknown: '□',
};

const LABELS: Readonly<Record<AgreementPart, string>> = { mx: 'MX', policy: 'Policy', dns: 'DNS', reports: 'Reports' };
const WORDS: Readonly<Record<AgreementState, readonly [one: string, several: string]>> = {
  agrees: ['agrees', 'agree'],
  disagrees: ['disagrees', 'disagree'],
  unknown: ['not known', 'not known'],
};

/** `MX disagree`: what one cell says to who cannot see it. */
export function agreementWords(part: AgreementPart, state: AgreementState): string {
  return `${LABELS[part]} ${WORDS[state][part === 'mx' || part === 'reports' ? 1 : 0]}`;
}

/** The whole mark as text: neither shape nor colour is the only bearer. */
export function agreementText(agreement: Agreement): string {
  return AGREEMENT_PARTS.map((part) => {
    const { state } = agreement[part];
    return `${AGREEMENT_SIGNS[state]} ${agreementWords(part, state)}`;
  }).join(' · ');
}
