import { AGREEMENT_PARTS, type Agreement, type AgreementPart, type AgreementState } from '#scripts/core/agreement.ts';

/** The mark: one cell for each of the four things that must agree, always in this order. */
export interface MarkCell {
  readonly part: AgreementPart;
  readonly label: string;
  readonly state: AgreementState;
  /** The state as a word: shape and colour are never the only bearers. */
  readonly word: string;
  readonly why: string;
}

const LABELS: Readonly<Record<AgreementPart, string>> = { mx: 'MX', policy: 'Policy', dns: 'DNS', reports: 'Reports' };
const WORDS: Readonly<Record<AgreementState, string>> = {
  agrees: 'agrees',
  disagrees: 'disagrees',
  unknown: 'not known',
};
const PLURAL: Readonly<Record<AgreementState, string>> = {
  agrees: 'agree',
  disagrees: 'disagree',
  unknown: 'not known',
};

export function markCells(agreement: Agreement): readonly MarkCell[] {
  return AGREEMENT_PARTS.map((part) => {
    const { state, why } = agreement[part];
    const words = part === 'mx' || part === 'reports' ? PLURAL : WORDS;
    return { part, label: LABELS[part], state, word: words[state], why };
  });
}

/** The whole mark in words: `MX not known, Policy agrees, DNS not known, Reports disagree`. */
export function markText(cells: readonly MarkCell[]): string {
  return cells.map(({ label, word }) => `${label} ${word}`).join(', ');
}

/** Width and height of one small cell, in pixels. */
export const CELL = { width: 12, height: 12 } as const;

/**
 * The small mark as one path per state. Neighbours that agree have no gap: four in agreement are one bar. A cell that
 * disagrees is notched, one that is not known is an outline.
 */
export function markPaths(cells: readonly MarkCell[]): Readonly<Record<AgreementState, string>> {
  const { width, height } = CELL;
  const paths = { agrees: '', disagrees: '', unknown: '' };
  cells.forEach(({ state }, index) => {
    const x = index * width;
    if (state === 'agrees') paths.agrees += `M${x} 0h${width}v${height}h-${width}z`;
    else if (state === 'disagrees') paths.disagrees += `M${x + 1} 0h1l4 6 4-6h1v${height}h-${width - 2}z`;
    else paths.unknown += `M${x + 1.75} .75h${width - 3.5}v${height - 1.5}h-${width - 3.5}z`;
  });
  return paths;
}
