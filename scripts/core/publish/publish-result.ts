import type { DomainName } from '../../standards/domain-name.ts';
import type { Instant } from '../clock.ts';
import { plainText } from '../plain-text.ts';

/** What one `publish` did; the `--json` document. */
export interface PublishResult {
  /** The checksum of the plan that was carried out. */
  readonly checksum: string;
  /** Domains brought to the end in this run, sorted. */
  readonly done: readonly DomainName[];
  readonly waiting: readonly Waiting[];
  readonly refusals: readonly PublishRefusal[];
  readonly failed: readonly Failed[];
  /** Versions whose pull request was merged with fewer approvals than their change needs; the ledger keeps it. */
  readonly exceptions: readonly ApprovalException[];
  /** With `--dry-run`: what would be done, in order. */
  readonly would: readonly string[];
}

/** Something that takes time. The next run looks again. */
export interface Waiting {
  readonly domain: DomainName;
  /** A phrase; may hold text from outside. */
  readonly for: string;
  /** The step before it was done then. */
  readonly since: Instant;
}

interface ApprovalException {
  readonly domain: DomainName;
  readonly pull_request: number;
  readonly author: string;
  readonly approvers: readonly string[];
}

interface PublishRefusal {
  /** Null: the whole run. */
  readonly domain: DomainName | null;
  readonly code: string;
  readonly reason: string;
  readonly override: string | null;
}

export interface Failed {
  readonly domain: DomainName;
  readonly step: PublishStep;
  readonly code: string;
  readonly message: string;
}

/** In the order they are made; each is looked at before it is done. */
export type PublishStep = 'mint' | 'host' | 'records' | 'certificate' | 'bytes' | 'id' | 'authorities' | 'release';

/** 0 done or waiting · 1 refused · 3 something failed. */
export function publishExit({ failed, refusals }: PublishResult): 0 | 1 | 3 {
  return failed.length > 0 ? 3 : refusals.length > 0 ? 1 : 0;
}

export function publishText(result: PublishResult, dryRun: boolean): string {
  const { done, waiting, refusals, failed, exceptions, would } = result;
  const lines = [
    ...(dryRun ? would.map((line) => `would ${line}`) : []),
    ...done.map((domain) => `done      ${domain}`),
    ...waiting.map((one) => `waiting   ${one.domain}, since ${one.since}: ${one.for}`),
    ...refusals.map(
      ({ domain, code, reason, override }) =>
        `refused   ${domain ?? 'everything'}: ${code}: ${reason}${liftText(domain, override)}`,
    ),
    ...failed.map(({ domain, step, code, message }) => `failed    ${domain}, ${step}: ${code}: ${message}`),
    ...exceptions.map(
      ({ domain, pull_request }) =>
        `exception ${domain}: pull request #${pull_request} was merged with fewer approvals than this change needs; review it within one business day`,
    ),
  ];
  const counts = `${done.length} done, ${waiting.length} waiting, ${refusals.length} refused, ${failed.length} failed`;
  const nothing = lines.length === 0 ? 'Nothing to publish.' : `${counts}.`;
  return [...lines.map((line) => plainText(line, 2000)), nothing].join('\n');
}

function liftText(domain: DomainName | null, override: string | null): string {
  if (domain === null) return '';
  return override === null
    ? ' Nothing lifts this.'
    : ` An override of ${override} lifts it; npx postern plan ${domain} has the lines.`;
}
