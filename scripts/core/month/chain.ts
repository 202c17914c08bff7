import { type Manifest, parseManifest } from './manifest.ts';

/** A fault of a bundle: which file, and what is wrong with it. */
export interface Mismatch {
  readonly file: string;
  readonly message: string;
}

export interface ChainLink {
  readonly sha256: string;
  readonly text: string;
}

/**
 * Walks from a manifest to the first month there was: each names the one before by the SHA-256 of its manifest. `linkOf`
 * gives the manifest of a month as it stands in the bundle, and the name of its file is `nameOf`.
 */
export function chainMismatches(
  manifest: Manifest,
  linkOf: (period: string) => ChainLink | null,
  nameOf: (period: string) => string,
): { readonly checked: number; readonly mismatches: readonly Mismatch[] } {
  const mismatches: Mismatch[] = [];
  let checked = 0;
  for (let at: Manifest | null = manifest; at?.previous != null; ) {
    const { period, sha256 }: NonNullable<Manifest['previous']> = at.previous;
    const file = nameOf(period);
    const link = linkOf(period);
    checked += 1;
    at = null;
    if (link === null) mismatches.push({ file, message: `The manifest of ${period} is missing: the chain ends here.` });
    else if (link.sha256 !== sha256)
      mismatches.push({ file, message: `Its SHA-256 is ${link.sha256}; the month after it names ${sha256}.` });
    else {
      const parsed = parseManifest(link.text);
      if (!parsed.ok) mismatches.push({ file, message: parsed.message });
      else if (parsed.value.period !== period)
        mismatches.push({ file, message: `It is the manifest of ${parsed.value.period}.` });
      else at = parsed.value;
    }
  }
  return { checked, mismatches };
}
