import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../core/clock.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import { PosternError } from '../core/failure.ts';
import { type FirstAnswers, firstSettings } from '../core/init/first-settings.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import { readText, writeText } from '../io/files/write-text.ts';
import { add } from './add.ts';

export interface InitOptions {
  readonly root: string;
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly answers: FirstAnswers;
  /** The first domain; null: later, with `postern add`. */
  readonly domain: string | null;
  /** Its MX hosts instead of those in DNS. */
  readonly mx: readonly string[];
}

export interface InitResult {
  readonly removed: readonly string[];
  /** `written`, or `kept` when the owner's own stood there already. */
  readonly settings: 'written' | 'kept';
  /** The file of the first domain; null when none was asked for, or it was there already. */
  readonly domain: string | null;
  readonly warnings: readonly string[];
}

const SETTINGS = 'domains/_settings.yaml';
/** What the template brings as an example. The domains are reserved ones that nobody owns (RFC 2606). */
const EXAMPLES = [
  'domains/example.com.yaml',
  'domains/example.net.yaml',
  'domains/northwind/example.org.yaml',
  'domains/northwind',
  'domains/_dkim-keys.txt',
  'data/inbox/generated',
  'data/inbox/real',
  'data/example',
];
/** What `npm start` has made of them. Left there, the owner's first month would go on the chain of the example's. */
const MADE = ['checkpoint.json', 'policies', 'reports', 'observations', 'figures', 'months', 'quarantine'];

/** Files of the template's example that still stand. */
export function examplesLeft(root: string): readonly string[] {
  return EXAMPLES.filter((path) => path !== 'domains/northwind' && existsSync(join(root, path)));
}

/**
 * Makes the template somebody's own: settings from a few answers, examples away, the first domain looked up. Once the settings
 * are the owner's nothing of theirs is written over, however often this runs.
 * Throws PosternError `configuration-invalid` (exit 2) and what `add` throws.
 */
export async function init(options: InitOptions): Promise<InitResult> {
  const { root, dryRun, answers, domain, mx, now } = options;
  const written = readText(join(root, SETTINGS));
  const isOwn = written !== null && !hasTemplateSettings(root);
  const text = isOwn ? written : firstSettings(answers);
  refuseUnsound(text);
  const removed = isOwn ? [] : examplesLeft(root);
  if (!dryRun) {
    const made = isOwn || hasOwnDomain(root) ? [] : MADE.map((name) => `data/${name}`);
    for (const path of isOwn ? [] : [...EXAMPLES, ...made]) rmSync(join(root, path), { recursive: true, force: true });
    if (!isOwn) writeText(join(root, SETTINGS), text);
  }
  const settings = isOwn ? 'kept' : 'written';
  if (domain === null || dryRun || isThere(root, domain)) return { removed, settings, domain: null, warnings: [] };
  const added = await add({ root, now, domain, customer: null, mx, delegation: null, dryRun: false });
  return { removed, settings, domain: added.file, warnings: added.warnings };
}

/** Then `data/` holds more than the example, and nothing of it is touched. */
function hasOwnDomain(root: string): boolean {
  return readDomainFiles(root, isWanted).some(
    ({ path }) => /\.ya?ml$/.test(path) && !path.startsWith('_') && !EXAMPLES.includes(`domains/${path}`),
  );
}

function isThere(root: string, domain: string): boolean {
  return existsSync(join(root, 'domains', `${domain}.yaml`));
}

/** Before anything is removed: an answer that makes no valid settings changes nothing. */
function refuseUnsound(text: string): void {
  const bytes = new TextEncoder().encode(text);
  const { problems } = examine([{ path: '_settings.yaml', kind: 'file', bytes }], null);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error === undefined) return;
  throw new PosternError('configuration-invalid', `Nothing was changed: ${error.message}`, {
    hint: error.hint ?? 'answer again',
    exit: 2,
  });
}

/** Whether the settings say that what stands here is the template's example: its clock is no real one. */
export function hasTemplateSettings(root: string): boolean {
  return /^example_clock:/m.test(readText(join(root, SETTINGS)) ?? '');
}

/** Whether there are no settings of an owner: those of the template, or none. */
export function isTemplate(root: string): boolean {
  const entries = readDomainFiles(root, isWanted);
  return examine(entries, null).settings?.example_clock !== null;
}
