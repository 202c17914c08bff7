import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import { examine } from '../core/config/examine.ts';
import { isWanted } from '../core/config/file-role.ts';
import {
  CHECKLIST_MARKER,
  CHECKLIST_TITLE,
  type ChecklistItem,
  checklist,
  checklistBody,
} from '../core/init/checklist.ts';
import { readDomainFiles } from '../io/files/domain-files.ts';
import type { GitHub } from '../io/github/connect.ts';
import { createIssue, getIssue, type Issue, listIssues, updateIssue } from '../io/github/issues.ts';
import { loadCheckpoint, updateCheckpoint } from './checkpoint.ts';
import { openGitHub } from './connect-github.ts';
import { doctor } from './doctor.ts';
import { examplesLeft } from './init.ts';
import { readLedger } from './ledger.ts';

export interface ChecklistResult {
  readonly items: readonly ChecklistItem[];
  /** Null without GitHub. */
  readonly issue: number | null;
  readonly done: 'opened' | 'updated' | 'unchanged' | 'closed' | 'left';
}

export interface ChecklistOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress: (text: string) => void;
}

const SECTION = 'checklist';
const LABEL = 'postern';

/**
 * The one issue that says what is left to set up, and ticks itself. It is closed when everything is done, and never opened
 * again: what breaks later is an incident. An issue that a person closed stays closed. Without GitHub only the items.
 */
export async function keepChecklist(options: ChecklistOptions): Promise<ChecklistResult> {
  const { data, environment, dryRun } = options;
  const known = numberOf(data);
  const isOver = known !== null && (loadCheckpoint(data).sections[SECTION] as { over?: unknown }).over === true;
  if (isOver) return { items: [], issue: known, done: 'left' };
  const items = await look(options);
  const hasAccess = Boolean(environment['GITHUB_TOKEN'] || environment['POSTERN_APP_KEY']);
  if (dryRun || !hasAccess || !environment['GITHUB_REPOSITORY']) return { items, issue: known, done: 'left' };
  const github = await openGitHub(data, environment);
  const body = checklistBody(items);
  const isDone = items.every(({ done }) => done);
  const issue = await find(github, known);
  if (issue === null) {
    // Somebody who runs everything already needs no list of it.
    if (isDone) return { items, issue: null, done: 'left' };
    const { number } = await createIssue(github, { title: CHECKLIST_TITLE, body, labels: [LABEL], assignees: [] });
    remember(data, number, false);
    return { items, issue: number, done: 'opened' };
  }
  const { number } = issue;
  remember(data, number, isDone || issue.state === 'closed');
  if (issue.state === 'closed') return { items, issue: number, done: 'left' };
  if (isDone) {
    await updateIssue(github, number, { body, state: 'closed', state_reason: 'completed' });
    return { items, issue: number, done: 'closed' };
  }
  if (issue.body.trim() === body.trim()) return { items, issue: number, done: 'unchanged' };
  await updateIssue(github, number, { body });
  return { items, issue: number, done: 'updated' };
}

async function look({ root, data, now, environment, progress }: ChecklistOptions): Promise<readonly ChecklistItem[]> {
  const checks = await doctor({ root, data, now, environment, progress, send: false, wait: 0 });
  const { domains } = examine(readDomainFiles(root, isWanted), now);
  const ledgers = domains.map(({ domain }) => ({ domain, ledger: readLedger(data, domain) }));
  return checklist({
    checks,
    examples: examplesLeft(root),
    announced: ledgers.filter(({ ledger }) => ledger.in_force !== null).map(({ domain }) => domain),
    waiting: ledgers
      .filter(({ ledger }) => ledger.in_force === null && ledger.versions.length > 0)
      .map(({ domain }) => domain),
    reports: hasReports(data),
  });
}

function hasReports(data: string): boolean {
  const folder = join(data, 'reports');
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('month='));
}

/** The recorded number, else our own issue with the marker: a stranger's copy of it is nobody's checklist. */
async function find(github: GitHub, number: number | null): Promise<Issue | null> {
  if (number !== null) return getIssue(github, number);
  const author = await github.author();
  const all = await listIssues(github, { labels: [LABEL] });
  return all.find((issue) => issue.author === author && issue.body.startsWith(CHECKLIST_MARKER)) ?? null;
}

function numberOf(data: string): number | null {
  const section = loadCheckpoint(data).sections[SECTION] as { readonly issue?: unknown } | undefined;
  return typeof section?.issue === 'number' ? section.issue : null;
}

function remember(data: string, issue: number, over: boolean): void {
  const known = loadCheckpoint(data).sections[SECTION] as { issue?: unknown; over?: unknown } | undefined;
  if (known?.issue === issue && known.over === over) return;
  updateCheckpoint(data, (all) => withSection(all, SECTION, { issue, over }));
}
