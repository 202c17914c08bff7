import type { TaskRun } from '../checkpoint.ts';
import { addDays, type Day, dayOf, type Instant } from '../clock.ts';
import type { DomainConfig, Settings } from '../config/types.ts';
import type { Finding, FindingSubject, Severity } from '../finding.ts';
import { entryFor } from '../findings/playbook.ts';
import type { ReporterRecord, ReportsApart } from '../reports/view.ts';
import { number } from './finding-text.ts';
import { fingerprint } from './fingerprint.ts';

/** What is known of our own work. */
export interface WatchingFacts {
  readonly settings: Settings;
  readonly domains: readonly DomainConfig[];
  readonly tasks: Readonly<Record<string, TaskRun>>;
  /** What could not be read, by the moment it was set aside. */
  readonly quarantined: readonly Instant[];
  readonly reporters: readonly ReporterRecord[];
  readonly apart: readonly ReportsApart[];
  readonly now: Instant;
}

interface Horizon {
  readonly hours: number;
  readonly often: string;
  readonly isConfigured: (facts: WatchingFacts) => boolean;
}

/**
 * How long each task may be without success. Schedules of GitHub are best effort: hours late, and sometimes dropped, so an
 * hourly task is late after half a day and a daily one after two days.
 */
const HORIZONS: Readonly<Record<string, Horizon>> = {
  ingest: { hours: 48, often: 'daily', isConfigured: ({ settings }) => settings.mailbox !== null },
  probe: { hours: 12, often: 'hourly', isConfigured: ({ domains }) => domains.length > 0 },
  alert: { hours: 12, often: 'hourly', isConfigured: () => true },
  advance: { hours: 48, often: 'daily', isConfigured: ({ domains }) => domains.length > 0 },
  build: { hours: 48, often: 'daily', isConfigured: () => true },
  'digest-weekly': { hours: 9 * 24, often: 'weekly', isConfigured: hasReaders },
  'digest-monthly': { hours: 37 * 24, often: 'monthly', isConfigured: () => true },
};

function hasReaders({ settings, domains }: WatchingFacts): boolean {
  return settings.digest.to.length > 0 || domains.some(({ digest }) => digest.length > 0);
}

/** So many days back something set aside, or not believed, is still news. */
const NEWS_DAYS = 7;
/** Anybody can send unsigned mail: fewer than so many, or a smaller share of all, say nothing. */
const UNSIGNED_REPORTS = 3;
const UNSIGNED_SHARE = 0.2;

/** The watcher watched: our own tasks, the mailbox, what could not be read, and what could not be believed. */
export function watchingFindings(facts: WatchingFacts): readonly Finding[] {
  return [...staleTasks(facts), ...unreadReports(facts), ...unsignedReports(facts)];
}

/** `automation-stale`: only for tasks that are configured and have run before. */
function staleTasks(facts: WatchingFacts): readonly Finding[] {
  const { tasks, now } = facts;
  return Object.entries(HORIZONS).flatMap(([task, { hours, often, isConfigured }]) => {
    const run = tasks[task];
    if (run === undefined || !isConfigured(facts)) return [];
    const last = run.last_success ?? run.last_attempt;
    const age = (Date.parse(now) - Date.parse(last)) / 3_600_000;
    if (age <= hours) return [];
    const since = dayOf(last);
    const tried = run.last_attempt > last ? ` The last attempt, at ${minute(run.last_attempt)}, did not succeed.` : '';
    const done = run.last_success === null ? 'has never succeeded' : `succeeded last at ${minute(last)}`;
    return found(facts, {
      rule: 'automation-stale',
      name: task,
      domain: null,
      since,
      summary: `The task ${task}, which is meant to run ${often}, ${done}. What it would have seen since then is not known.`,
      evidence: `data/checkpoint.json: ${task} succeeded ${run.last_success ?? 'never'}, tried ${run.last_attempt}.${tried}`,
      action: `${entryFor('automation-stale').recommend} Or run \`npx postern ${task.replace('-', ' ')}\` by hand.`,
    });
  });
}

/** `reports-unparsed`: one is enough, because nobody knows what it says. */
function unreadReports(facts: WatchingFacts): readonly Finding[] {
  const news = recent(facts.quarantined, facts.now);
  const [first] = news;
  const last = news.at(-1);
  if (first === undefined || last === undefined) return [];
  const many = news.length === 1 ? 'One message or file was' : `${number(news.length)} messages or files were`;
  return [
    found(facts, {
      rule: 'reports-unparsed',
      name: 'ingest',
      domain: null,
      since: dayOf(first),
      last: dayOf(last),
      summary: `${many} set aside unread in the last ${NEWS_DAYS} days. Figures may miss what they say.`,
      evidence: `data/quarantine: ${number(news.length)} set aside since ${dayOf(first)}, the last at ${minute(last)}.`,
      action: entryFor('reports-unparsed').recommend,
    }),
  ];
}

/** Reports that arrive and cannot be believed, in such numbers that it is no stray forgery. */
function unsignedReports(facts: WatchingFacts): readonly Finding[] {
  const oldest = addDays(dayOf(facts.now), -NEWS_DAYS);
  return facts.apart.flatMap(({ domain, reason, reports, last_received_at }) => {
    if (domain === null || reason !== 'unauthenticated' || dayOf(last_received_at) < oldest) return [];
    const believed = facts.reporters
      .filter((record) => record.domain === domain)
      .reduce((sum, { days }) => sum + days.length, 0);
    if (reports < UNSIGNED_REPORTS || reports / (reports + believed) <= UNSIGNED_SHARE) return [];
    return [
      found(facts, {
        rule: 'reports-unparsed',
        name: 'dkim',
        domain,
        since: oldest,
        last: dayOf(last_received_at),
        summary: `${number(reports)} reports for ${domain} arrived without a valid, aligned DKIM signature and are not counted; ${number(believed)} were believed.`,
        evidence: `The last of them was received at ${minute(last_received_at)}.`,
        action:
          'See whether the mailbox is reached by forwarding, a list or a filter that changes mail: then the signature breaks; deliver reports unchanged. If a reporter itself stopped signing, tell it (RFC 8460 §3 asks for DKIM). If nobody knows the senders, they are forgeries: nothing is to be done.',
      }),
    ];
  });
}

interface Words {
  readonly rule: string;
  readonly name: string;
  readonly domain: string | null;
  readonly since: Day;
  readonly last?: Day;
  readonly summary: string;
  readonly evidence: string;
  readonly action: string;
}

function found(facts: WatchingFacts, words: Words): Finding {
  const { rule, name, since, last, summary, evidence, action } = words;
  const config = facts.domains.find(({ domain }) => domain === words.domain);
  const subject: Omit<FindingSubject, 'policy_type'> = {
    kind: 'task',
    name,
    mx: null,
    reporter: null,
    result_type: null,
  };
  return {
    rule,
    domain: config?.domain ?? null,
    domains: config === undefined ? [] : [config.domain],
    subject: { ...subject, policy_type: null },
    severity: severityOf(rule, facts),
    state: 'open',
    since,
    last_seen: last ?? dayOf(facts.now),
    detected_at: facts.now,
    actor: rule === 'automation-stale' ? 'you' : 'unknown',
    summary,
    evidence: [{ kind: 'observation', at: facts.now, text: evidence, ref: null }],
    action,
    fingerprint: fingerprint(rule, config?.domain ?? '-', subject),
    incident: null,
  };
}

/** Nobody watching is worse where mail would be held. */
function severityOf(rule: string, { domains }: WatchingFacts): Severity {
  const { testing, enforce } = entryFor(rule).severity;
  return (domains.some(({ mode }) => mode === 'enforce') ? enforce : testing) ?? 'sev3';
}

function recent(moments: readonly Instant[], now: Instant): readonly Instant[] {
  const oldest = addDays(dayOf(now), -NEWS_DAYS);
  return moments.filter((at) => at <= now && dayOf(at) >= oldest).sort();
}

function minute(at: Instant): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`;
}
