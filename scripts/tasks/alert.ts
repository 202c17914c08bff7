import { randomUUID } from 'node:crypto';
import { withSection } from '../core/checkpoint.ts';
import type { Instant } from '../core/clock.ts';
import { PosternError } from '../core/failure.ts';
import { type Alerts, alertsOf } from '../core/incidents/incident.ts';
import { assignable, responsibleOf } from '../core/incidents/people-to-tell.ts';
import { sendHeartbeat } from '../io/http/heartbeat.ts';
import { lockStore } from '../io/store/run-lock.ts';
import { type BroughtInLine, bringInLine } from './alert/bring-in-line.ts';
import { githubIssues } from './alert/github-issues.ts';
import { loadCheckpoint, recordTaskRun, updateCheckpoint } from './checkpoint.ts';
import { openGitHub } from './connect-github.ts';
import { type Gathered, gather } from './review/gather.ts';

export interface AlertOptions {
  readonly root: string;
  readonly data: string;
  readonly now: Instant;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly dryRun: boolean;
  readonly progress?: (text: string) => void;
}

export interface AlertResult extends BroughtInLine {
  /** Why the watcher outside could not be told; null when it was, or when there is none. */
  readonly heartbeat: string | null;
}

/**
 * Reviews, and brings GitHub's issues in line. Throws PosternError `github-not-configured` (exit 2), or an outage. What
 * could not be done stands in `failed`, and the next run does it.
 */
export async function alert(options: AlertOptions): Promise<AlertResult> {
  const { root, data, now, environment, dryRun, progress = () => undefined } = options;
  // Before anything is read: a run that is not configured says so at once.
  const github = await openGitHub(data, environment);
  progress('reviewing');
  const gathered = await gather({ root, data, now });
  const unlock = dryRun ? () => undefined : lockStore(data);
  try {
    if (!dryRun) recordTaskRun(data, 'alert', now, false);
    const { tasks } = loadCheckpoint(data);
    progress('bringing issues in line');
    const result = await bringInLine({
      judged: judgedOf(gathered),
      tracker: githubIssues(github, trustedOf(gathered)),
      alerts: storedAlerts(data),
      last_run: tasks['alert']?.last_success ?? null,
      now,
      seed: randomUUID(),
      save: (alerts) => updateCheckpoint(data, (known) => withSection(known, 'alerts', alerts)),
      dryRun,
    });
    const succeeded = result.failed.length === 0;
    if (!dryRun && succeeded) recordTaskRun(data, 'alert', now, true);
    const url = environment['POSTERN_HEARTBEAT_URL'];
    return { ...result, heartbeat: url && succeeded && !dryRun ? await sendHeartbeat(url) : null };
  } finally {
    unlock();
  }
}

function judgedOf({ configuration, review, unreadable }: Gathered): Parameters<typeof bringInLine>[0]['judged'] {
  const { settings, domains, problems } = configuration;
  if (settings === null) throw new Error('gather does not return without settings');
  const agreements = new Map<string, (typeof review.domains)[number]['agreement']>(
    review.domains.map(({ domain, agreement }) => [domain, agreement]),
  );
  const reviewed = new Set<string>(review.domains.map(({ domain }) => domain));
  // A file with errors is no domain in the configuration, and still one that somebody cares for.
  const broken = problems.flatMap(({ severity, file }) =>
    severity === 'error' ? (/([^/]+)\.ya?ml$/.exec(file)?.[1] ?? []) : [],
  );
  return {
    // That this task was late is over: it runs.
    findings: review.findings.filter(({ rule, subject }) => rule !== 'automation-stale' || subject.name !== 'alert'),
    reviewed,
    configured: new Set([...reviewed, ...broken]),
    complete: unreadable.length === 0,
    settings: settings.alerts,
    responsibleOf: responsibleOf(domains, settings.alerts),
    agreementOf: (domain) => agreements.get(domain) ?? null,
  };
}

function trustedOf({ configuration: { settings, domains } }: Gathered): readonly string[] {
  const named = [settings?.alerts ?? { owners: [], oncall: [] }, ...domains];
  return [...new Set(named.flatMap(({ owners, oncall }) => assignable([...owners, ...oncall])))];
}

function storedAlerts(data: string): Alerts {
  const alerts = alertsOf(loadCheckpoint(data).sections['alerts']);
  if (alerts !== null) return alerts;
  throw new PosternError('checkpoint-damaged', 'alerts in data/checkpoint.json cannot be read.', {
    hint: 'restore it from the history of data/; if that is lost, remove the key: issues of ours are found again by their markers',
    exit: 3,
  });
}
