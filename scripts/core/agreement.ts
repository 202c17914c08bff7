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
