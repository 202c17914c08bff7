import type { Month } from './period.ts';

/** The tag of a frozen month's release. Releases of Postern itself are `v1.4.0`, so that none is taken for the other. */
export function monthTag(period: Month): string {
  return `month-${period}`;
}

/** What a release says about itself. */
export interface ReleaseFacts {
  readonly period: Month;
  /** SHA-256 of `manifest.json`. */
  readonly manifest: string;
  readonly files: readonly { readonly name: string; readonly sha256: string }[];
}

export function releaseText({ period, manifest, files }: ReleaseFacts): string {
  return [
    `The frozen month ${period}: its evidence, its report, and what is needed to check them.`,
    '',
    `\`\`\`sh\nnpx postern verify evidence-${period}.zip\n\`\`\``,
    '',
    `checks it offline: hashes, the chain of months, and the figures derived anew from the rows. Where GitHub attested it,`,
    `\`gh attestation verify evidence-${period}.zip --repo OWNER/REPOSITORY\` shows which workflow made it.`,
    '',
    '| file | SHA-256 |',
    '|---|---|',
    ...files.map(({ name, sha256 }) => `| \`${name}\` | \`${sha256}\` |`),
    '',
    marker(manifest),
  ].join('\n');
}

/** The manifest that a release was made of; null when it does not say. */
export function manifestOfRelease(body: string): string | null {
  return /<!-- postern:manifest sha256=([0-9a-f]{64}) -->/.exec(body)?.[1] ?? null;
}

function marker(manifest: string): string {
  return `<!-- postern:manifest sha256=${manifest} -->`;
}
