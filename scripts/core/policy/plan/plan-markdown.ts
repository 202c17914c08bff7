import { parseInstant } from '../../clock.ts';
import { codeBlock, codeSpan, markdownProse, markdownText } from '../../incidents/issue-markdown.ts';
import { plainText } from '../../plain-text.ts';
import { type DomainPlan, type FactLine, type HostPlan, isChange, type Plan } from './plan.ts';
import { isTold } from './plan-text.ts';
import { count, planVerdict } from './plan-verdict.ts';
import { policyDiff } from './policy-diff.ts';
import { overrideLine, type Refusal } from './refusal.ts';

/** What our comment is found by. */
export const PLAN_MARKER = '<!-- postern:plan -->';
/** GitHub refuses a comment above 65,536 characters; what it counts is not documented, so bytes are kept well below. */
const MOST_BYTES = 60_000;
/** Up to which part of it each section may fill it, so that a large plan shows some of each. */
const SHARES = { table: 0.5, refused: 0.7, seen: 0.8, dns: 0.88, next: 0.92 } as const;
/** Domains named with one refusal. */
const MOST_NAMES = 20;

/**
 * The plan as a pull-request comment: one verdict line with counts, a table, refusals, what was seen and when, and the
 * diffs and steps folded. Every text is made harmless, also those that only we write: the plan of a fork's pull request was made by the
 * fork. What does not fit is left out from the end, and it is said how much.
 */
export function planMarkdown(plan: Plan): string {
  const told = plan.domains.filter(isTold);
  const head = [
    PLAN_MARKER,
    `**${markdownText(planVerdict(plan))}**`,
    '',
    `Planned ${moment(plan.at)}${plan.commit === null ? '' : ` at ${codeSpan(plan.commit.slice(0, 12))}`}${plan.against === null ? '' : ` against ${codeSpan(plan.against.slice(0, 12))}`}. Checksum ${codeSpan(plan.checksum)}: ${codeSpan(`npx postern publish --plan ${plan.checksum}`)} carries out only this.`,
  ];
  const writer = bounded(MOST_BYTES - 400);
  writer.add(head.join('\n'));
  if (told.length > 0) {
    const columns = ['domain', 'now', 'wanted', 'triggers', 'version', 'host', 'DNS', 'verdict'];
    writer.table(columns, told, tableRow, SHARES.table);
    writer.list(
      '### Refused',
      groupedRefusals(told),
      (group) => refusalItem(group, plan.at),
      'refusal',
      SHARES.refused,
    );
    writer.list(
      '### Seen',
      told.filter(({ facts }) => facts.length > 0),
      factItem,
      'look',
      SHARES.seen,
    );
    writer.list('### DNS for a person', told.filter(hasPersonDns), dnsItem, 'record block', SHARES.dns);
    writer.list(
      '### What next',
      told.filter(({ dates, notes }) => dates.length + notes.length > 0),
      nextItem,
      'next step',
      SHARES.next,
    );
    writer.list(
      '### Policies',
      told.filter(({ version, hosts }) => version !== null || hosts.length > 0),
      diffItem,
      'diff',
    );
  }
  return writer.text();
}

function tableRow(plan: DomainPlan): readonly string[] {
  const { domain, state, target, rolled_back, triggers, version, hosts, dns, refusals, lifted } = plan;
  const people = dns.filter(({ by }) => by === 'person').length;
  const ours = dns.length - people;
  const records = [...(ours > 0 ? [`${ours} by Postern`] : []), ...(people > 0 ? [`${people} by a person`] : [])];
  return [
    codeSpan(domain),
    rolled_back ? `${markdownText(state)} (rolled back)` : markdownText(state),
    markdownText(target),
    markdownText(triggers.join(', ')) || '-',
    version === null ? '-' : codeSpan(version.id),
    hosts.map(hostCell).join(', ') || '-',
    records.join(', ') || '-',
    refusals.length > 0
      ? `refused: ${refusals.map(({ code }) => codeSpan(code)).join(', ')}`
      : lifted.length > 0
        ? 'override'
        : isChange(plan)
          ? 'ready'
          : 'as it is',
  ];
}

function hostCell({ action, hosting }: HostPlan): string {
  return `${markdownText(action)} ${hosting === null ? 'by somebody else' : `by ${codeSpan(hosting)}`}`;
}

interface RefusalGroup {
  readonly refusal: Refusal;
  readonly domains: readonly Pick<DomainPlan, 'domain' | 'file'>[];
}

/** What is refused of many for the same reason is said once. */
function groupedRefusals(told: readonly DomainPlan[]): readonly RefusalGroup[] {
  const all = told.flatMap(({ domain, file, refusals }) => refusals.map((refusal) => ({ domain, file, refusal })));
  const groups = Map.groupBy(all, ({ refusal: { code, reason } }) => `${code} ${reason}`);
  return [...groups.values()].flatMap((domains) => (domains[0] ? [{ refusal: domains[0].refusal, domains }] : []));
}

function refusalItem({ refusal, domains }: RefusalGroup, now: Plan['at']): string {
  const { code, reason, override } = refusal;
  const names = domains.slice(0, MOST_NAMES).map(({ domain }) => codeSpan(domain));
  const more = domains.length > names.length ? ` and ${domains.length - names.length} more` : '';
  const file = domains.length === 1 ? domains[0]?.file : null;
  const place = override === 'mass-change' ? codeSpan('domains/_settings.yaml') : file ? codeSpan(file) : 'its file';
  const line = overrideLine([refusal], now);
  const lift =
    line === null ? 'Nothing lifts this.' : `With a reason of yours, ${codeSpan(line)} in ${place} lifts it.`;
  return `- ${names.join(', ')}${more} ${codeSpan(code)}: ${markdownProse(reason, 1500)} ${lift}`;
}

function factItem({ domain, facts }: DomainPlan): string {
  const at = facts[0]?.at ?? '';
  const lines = facts.map(({ state, text }) => `  - ${mark(state)} ${markdownProse(text, 600)}`);
  return [`- ${codeSpan(domain)}, ${moment(at)}`, ...lines].join('\n');
}

/** A moment stands as it is; what is none was not written by us, and is made harmless. */
function moment(text: string): string {
  return text === '' || parseInstant(text) !== null ? text : markdownText(text);
}

function mark(state: FactLine['state']): string {
  return state === 'ok' ? 'ok:' : state === 'bad' ? '**bad:**' : '_not known:_';
}

function hasPersonDns({ dns }: DomainPlan): boolean {
  return dns.some(({ by }) => by === 'person');
}

function dnsItem({ domain, dns }: DomainPlan): string {
  const people = dns.filter(({ by }) => by === 'person');
  const set = people.filter(({ after }) => after !== null).flatMap(({ lines }) => lines);
  const gone = people.filter(({ after }) => after === null).flatMap(({ lines }) => lines);
  return [
    `- ${codeSpan(domain)}`,
    ...(set.length === 0 ? [] : ['', exactBlock(set)]),
    ...(gone.length === 0 ? [] : ['', 'Delete:', '', codeBlock(gone)]),
  ].join('\n');
}

/**
 * Lines to copy, letter by letter: they are ours, made of validated names and addresses, and inside a fence GitHub reads
 * nothing into them.
 */
function exactBlock(lines: readonly string[]): string {
  const inside = lines.map((line) => plainText(line, 4000));
  const fence = '`'.repeat(
    Math.max(3, ...inside.flatMap((line) => line.match(/`+/g) ?? []).map((run) => run.length + 1)),
  );
  return [`${fence}text`, ...inside, fence].join('\n');
}

function nextItem({ domain, dates, notes }: DomainPlan): string {
  const lines = [
    ...dates.map(({ at, what }) => `${moment(at)}: ${markdownProse(what, 500)}`),
    ...notes.map((note) => markdownProse(note, 500)),
  ];
  return [`- ${codeSpan(domain)}`, ...lines.map((line) => `  - ${line}`)].join('\n');
}

function diffItem({ domain, policy, version, hosts }: DomainPlan): string {
  const diff = codeBlock(policyDiff(policy.before, policy.after)).replace(/^(`+)text/, '$1diff');
  const steps = hosts.flatMap((host) => host.steps.map((step, index) => `${index + 1}. ${markdownProse(step, 500)}`));
  return [
    `<details><summary>${markdownText(domain)}</summary>`,
    '',
    ...(version === null ? [] : [diff, '']),
    ...(steps.length === 0 ? [] : [...steps, '']),
    '</details>',
  ].join('\n');
}

/** Collects sections while they fit, and says what did not. */
function bounded(limit: number) {
  const parts: string[] = [];
  const left: string[] = [];
  let bytes = 0;
  const encoder = new TextEncoder();
  const add = (text: string): boolean => {
    const size = encoder.encode(text).length + 2;
    if (bytes + size > limit) return false;
    bytes += size;
    parts.push(text);
    return true;
  };
  /** Items one by one below a head, as long as they fit. */
  const grow = <T>(
    head: string,
    items: readonly T[],
    render: (item: T) => string,
    noun: string,
    joint: string,
    share: number,
  ): void => {
    const rendered: string[] = [];
    let size = encoder.encode(head).length + 4;
    for (const item of items) {
      const text = render(item);
      size += encoder.encode(text).length + 2;
      if (bytes + size > limit * share) break;
      rendered.push(text);
    }
    const missing = items.length - rendered.length;
    if (missing > 0) left.push(count(missing, noun));
    if (rendered.length > 0) add([head, ...rendered].join(joint));
  };
  return {
    add,
    list: <T>(head: string, items: readonly T[], render: (item: T) => string, noun: string, share = 1) => {
      if (items.length > 0) grow(`${head}\n`, items, render, noun, '\n', share);
    },
    table: <T>(
      columns: readonly string[],
      items: readonly T[],
      render: (item: T) => readonly string[],
      share: number,
    ) => {
      const head = [`| ${columns.join(' | ')} |`, `|${columns.map(() => '---').join('|')}|`].join('\n');
      grow(head, items, (item) => `| ${render(item).join(' | ')} |`, 'row', '\n', share);
    },
    text: () => {
      const cut =
        left.length === 0
          ? []
          : [`_Cut to fit a comment: ${left.join(', ')} are not shown. \`npx postern plan\` shows all._`];
      return `${[...parts, ...cut].join('\n\n')}\n`;
    },
  };
}
