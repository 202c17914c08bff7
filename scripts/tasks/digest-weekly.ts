import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withSection } from '../core/checkpoint.ts';
import { addDays, dayOf, type Instant } from '../core/clock.ts';
import type { Settings } from '../core/config/types.ts';
import { type Recipient, recipientsOf } from '../core/digest/recipients.ts';
import { type SentWeeks, sentWeeksOf, wasSent, withSent } from '../core/digest/sent-weeks.ts';
import { lastWeek, mondayOf, parseWeek, sundayOf, type Week, weekBefore } from '../core/digest/week.ts';
import { type WeeklyFacts, weeklyDigest } from '../core/digest/weekly.ts';
import { weeklyHtml } from '../core/digest/weekly-html.ts';
import { type WeeklyLinks, weeklyText } from '../core/digest/weekly-text.ts';
import { PosternError } from '../core/failure.ts';
import { alertsOf } from '../core/incidents/incident.ts';
import { composeMail } from '../io/smtp-submit/compose.ts';
import { openSubmission, type Submitter } from '../io/smtp-submit/submit.ts';
import { loadCheckpoint, recordTaskRun, updateCheckpoint } from './checkpoint.ts';
import { openObservationStore } from './open-observation-store.ts';
import { gather } from './review/gather.ts';
import { WINDOW_DAYS } from './review/window-days.ts';

export interface DigestWeeklyOptions {
  readonly root: string;
  readonly data: string;
  /** Where the messages are written. */
  readonly out: string;
  /** `2026-W47`; null: the newest week that is over. */
  readonly period: string | null;
  readonly now: Instant;
  readonly dryRun: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly progress?: (text: string) => void;
}

export interface DigestWeeklyResult {
  readonly period: Week;
  /** One `.eml` for each recipient: exactly what is sent. */
  readonly files: readonly string[];
  readonly sent: readonly string[];
  /** Sent by an earlier run. */
  readonly already: readonly string[];
  /** Recipients that the server will never take, and those it may take later. */
  readonly rejected: readonly { readonly to: string; readonly response: string }[];
  readonly deferred: readonly { readonly to: string; readonly response: string }[];
  /** Why nothing is sent at all; null when there is a server and somebody to send to. */
  readonly unsent: string | null;
}

const SECTION = 'digest_weekly';

/** The week for each of its readers, written as `.eml` and sent once. What was accepted is written down before the next. */
export async function digestWeekly(options: DigestWeeklyOptions): Promise<DigestWeeklyResult> {
  const { root, data, out, now, dryRun, environment, progress = () => undefined } = options;
  const period = periodOf(options.period, now);
  const { configuration, facts, settings } = await factsOf(root, data, period, now);
  const readers = recipientsOf(configuration.domains, settings);
  const unsent = unsentBecause(settings, readers);
  const submitter = dryRun || unsent !== null ? null : submitterOf(root, settings, environment);
  if (submitter !== null) recordTaskRun(data, 'digest-weekly', now, false);
  const links = linksOf(settings, environment);
  const result = {
    files: [] as string[],
    sent: [] as string[],
    already: [] as string[],
    rejected: [] as Told[],
    deferred: [] as Told[],
  };
  let known = sentBefore(data);
  // Without readers the week of everything is still written, for whoever looks.
  const written = readers.length > 0 ? readers : [everything(facts)];
  try {
    for (const reader of written) {
      const message = await messageFor(reader, facts, settings, links);
      result.files.push(writeMessage(out, period, reader.address, message));
      if (submitter === null) continue;
      if (wasSent(known, period, reader.address)) {
        result.already.push(reader.address);
        continue;
      }
      progress(`sending to ${reader.address}`);
      const answer = await submitter.send(message, addressOf(settings), reader.address);
      if (answer.kind !== 'accepted') {
        result[answer.kind].push({ to: reader.address, response: answer.response });
        continue;
      }
      known = withSent(known, period, reader.address, now);
      const keep = known;
      updateCheckpoint(data, (checkpoint) => withSection(checkpoint, SECTION, keep));
      result.sent.push(reader.address);
    }
  } finally {
    submitter?.close();
  }
  if (submitter !== null && result.deferred.length === 0) recordTaskRun(data, 'digest-weekly', now, true);
  return { period, ...result, unsent };
}

interface Told {
  readonly to: string;
  readonly response: string;
}

function periodOf(written: string | null, now: Instant): Week {
  const week = written === null ? lastWeek(now) : parseWeek(written);
  if (week === null)
    throw new PosternError('usage', `--period ${JSON.stringify(written)} is no week.`, {
      hint: 'a week by ISO 8601, such as 2026-W47',
      exit: 2,
    });
  if (sundayOf(week) >= dayOf(now))
    throw new PosternError('usage', `The week ${week} ends on ${sundayOf(week)}: it is not over.`, {
      hint: `the newest week that is over is ${lastWeek(now)}`,
      exit: 2,
    });
  if (mondayOf(weekBefore(week)) < addDays(dayOf(now), 1 - WINDOW_DAYS))
    throw new PosternError('usage', `The week ${week} is too long ago.`, {
      hint: 'weeks of the last 80 days can be summed up; older ones stand in the reports of their months',
      exit: 2,
    });
  return week;
}

async function factsOf(root: string, data: string, week: Week, now: Instant) {
  const { configuration, review, reports } = await gather({ root, data, now });
  const { settings, domains } = configuration;
  if (settings === null) throw new Error('gather does not return without settings');
  const store = await openObservationStore(data);
  try {
    const from = `${addDays(dayOf(now), -30)}T00:00:00Z` as Instant;
    const standings = await store.read({ domains: domains.map(({ domain }) => domain), from, to: now });
    const incidents = Object.values(alertsOf(loadCheckpoint(data).sections['alerts'])?.incidents ?? {});
    const numbers = new Map<string, number>();
    for (const { members, number, state } of incidents)
      if (state === 'open' && number !== null) for (const member of members) numbers.set(member, number);
    const facts: WeeklyFacts = {
      organisation: settings.organisation,
      week,
      review,
      reports,
      standings,
      issueOf: (fingerprint) => numbers.get(fingerprint) ?? null,
      thresholds: settings.alerts.certificate_thresholds,
      now,
    };
    return { configuration, settings, facts };
  } finally {
    await store.close();
  }
}

function unsentBecause({ digest }: Settings, readers: readonly Recipient[]): string | null {
  if (digest.smtp === null) return 'digest.smtp is not set in domains/_settings.yaml';
  if (digest.from === null) return 'digest.from is not set in domains/_settings.yaml';
  return readers.length === 0
    ? 'nobody is named: digest.to in domains/_settings.yaml, or digest in a domain’s file'
    : null;
}

function submitterOf(
  root: string,
  { digest, network }: Settings,
  environment: DigestWeeklyOptions['environment'],
): Submitter {
  const { smtp } = digest;
  if (smtp === null) throw new Error('asked for only with a server');
  const password = environment['POSTERN_SMTP_PASSWORD'] ?? null;
  if (smtp.user !== null && !password)
    throw new PosternError('smtp-password-missing', `There is no password for ${smtp.user} at ${smtp.host}.`, {
      hint: 'set POSTERN_SMTP_PASSWORD, or remove digest.smtp.user when the server asks for none',
      exit: 2,
    });
  return openSubmission({
    ...smtp,
    password,
    caFile: network.ca_file === null ? null : resolve(root, network.ca_file),
  });
}

function linksOf({ site }: Settings, environment: DigestWeeklyOptions['environment']): WeeklyLinks {
  const base = site.url?.replace(/\/+$/, '') ?? null;
  const repository = environment['GITHUB_REPOSITORY'];
  const server = environment['GITHUB_SERVER_URL'] ?? 'https://github.com';
  return {
    domain: (domain) => (base === null ? null : `${base}/domains/${domain}/`),
    issue: (number) => (repository === undefined ? null : `${server}/${repository}/issues/${number}`),
    site: base === null ? null : `${base}/`,
  };
}

async function messageFor(
  reader: Recipient,
  facts: WeeklyFacts,
  settings: Settings,
  links: WeeklyLinks,
): Promise<Buffer> {
  const digest = weeklyDigest(facts, reader.domains, reader.seesAll);
  const from = addressOf(settings);
  const only = reader.domains.size === 1 ? [...reader.domains][0] : `${reader.domains.size} domains`;
  return await composeMail({
    from,
    to: reader.address,
    subject: `${only}: mail transport security, week ${facts.week.slice(6)} of ${facts.week.slice(0, 4)}`,
    text: weeklyText(digest, links),
    html: weeklyHtml(digest, links),
    date: facts.now,
    id: `postern.${facts.week}.${shortHash(reader.address)}@${from.slice(from.lastIndexOf('@') + 1)}`,
  });
}

function addressOf({ digest }: Settings): string {
  return digest.from ?? 'postern@localhost';
}

function everything({ review }: WeeklyFacts): Recipient {
  return { address: 'nobody@localhost', domains: new Set(review.domains.map(({ domain }) => domain)), seesAll: true };
}

function writeMessage(out: string, week: Week, address: string, message: Buffer): string {
  const folder = join(out, week);
  mkdirSync(folder, { recursive: true });
  const safe = address.replace(/[^A-Za-z0-9@._-]/g, '_').slice(0, 100);
  const path = join(folder, `${safe === address ? address : `${safe}-${shortHash(address)}`}.eml`);
  writeFileSync(`${path}.tmp`, message);
  renameSync(`${path}.tmp`, path);
  return path;
}

function sentBefore(data: string): SentWeeks {
  const sent = sentWeeksOf(loadCheckpoint(data).sections[SECTION]);
  if (sent !== null) return sent;
  throw new PosternError('checkpoint-damaged', `${SECTION} in data/checkpoint.json cannot be read.`, {
    hint: 'restore it from the history of data/, or remove the key: then the week may be sent twice',
    exit: 3,
  });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('hex').slice(0, 16);
}
