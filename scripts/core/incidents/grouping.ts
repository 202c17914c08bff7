import { byUrgency } from '../analysis/finding-order.ts';
import { compare } from '../analysis/reports-by-domain.ts';
import { level } from '../analysis/severity.ts';
import { type Finding, namesOf, type Severity } from '../finding.ts';
import type { Incident } from './incident.ts';

/** Live findings that belong in one issue: of one cause, or together in an issue already. */
export interface FindingGroup {
  /** Most urgent first, never empty. */
  readonly findings: readonly Finding[];
  /** Sorted, distinct. */
  readonly members: readonly string[];
  readonly cause: string | null;
  readonly domains: readonly string[];
  readonly severity: Severity;
  /** Every one of them is recovering. */
  readonly recovering: boolean;
  /** Incidents that know one of the findings, by key. */
  readonly known: readonly Incident[];
}

/** Open and recovering findings by cause; what stands in one living incident stays together. */
export function groupFindings(findings: readonly Finding[], incidents: readonly Incident[]): readonly FindingGroup[] {
  const live = findings.filter(({ state }) => state !== 'filtered');
  const joined = new Joined();
  const knows = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const names = [...incident.members, ...(incident.cause === null ? [] : [causeName(incident.cause)])];
    for (const name of names) knows.set(name, [...(knows.get(name) ?? []), incident]);
  }
  for (const finding of live) {
    const { fingerprint, incident: cause } = finding;
    if (cause !== null) joined.join(fingerprint, causeName(cause));
    for (const incident of [
      ...namesOf(finding).flatMap((name) => knows.get(name) ?? []),
      ...(cause === null ? [] : (knows.get(causeName(cause)) ?? [])),
    ])
      if (holdsTogether(incident)) joined.join(fingerprint, `key ${incident.key}`);
  }
  const groups = new Map<string, Finding[]>();
  for (const finding of live) {
    const root = joined.rootOf(finding.fingerprint);
    groups.set(root, [...(groups.get(root) ?? []), finding]);
  }
  return [...groups.values()].map((group) => groupOf(group, knows)).sort((a, b) => byUrgency(lead(a), lead(b)));
}

/** The finding that gives the issue its name. */
export function lead({ findings }: FindingGroup): Finding {
  return findings[0] as Finding;
}

function groupOf(findings: readonly Finding[], knows: ReadonlyMap<string, readonly Incident[]>): FindingGroup {
  const sorted = [...findings].sort(byUrgency);
  const open = sorted.filter(({ state }) => state === 'open');
  const judged = open.length > 0 ? open : sorted;
  const causes = distinct(sorted.flatMap(({ incident }) => (incident === null ? [] : [incident])));
  const members = distinct(sorted.flatMap(namesOf));
  const known = new Map<string, Incident>();
  for (const name of [...members, ...causes.map(causeName)])
    for (const incident of knows.get(name) ?? []) known.set(incident.key, incident);
  return {
    findings: sorted,
    members,
    cause: causes[0] ?? null,
    domains: distinct(sorted.flatMap(({ domain, domains }) => (domain === null ? domains : [domain]))),
    severity: judged.reduce<Severity>(
      (worst, { severity }) => (level(severity) > level(worst) ? severity : worst),
      'sev3',
    ),
    recovering: open.length === 0,
    known: [...known.values()],
  };
}

/** A closed incident that came back does not tie findings together that now stand apart. */
function holdsTogether({ state, closed }: Incident): boolean {
  return state !== 'closed' || (closed?.by === 'person' && closed.recovered_at === null);
}

function causeName(cause: string): string {
  return `cause ${cause}`;
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort(compare);
}

/** Which names have been said to belong together. */
class Joined {
  readonly #parents = new Map<string, string>();

  rootOf(name: string): string {
    let at = name;
    for (let parent = this.#parents.get(at); parent !== undefined && parent !== at; parent = this.#parents.get(at))
      at = parent;
    if (at !== name) this.#parents.set(name, at);
    return at;
  }

  join(a: string, b: string): void {
    this.#parents.set(this.rootOf(a), this.rootOf(b));
  }
}
