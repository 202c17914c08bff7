import type { Settings } from '../config/types.ts';
import { bad, type Check, ok, unknown } from './doctor.ts';

interface AppPermission {
  /** As GitHub's API names it. */
  readonly name: string;
  /** As the App's page names it: docs/github-app.md. */
  readonly title: string;
  readonly level: 'read' | 'write';
  /** Where it is needed: in this repository, at the owner of a fleet, or only for convenience. */
  readonly needed: (need: Need) => boolean;
}

/** What the App is for at one account. */
interface Need {
  readonly here: boolean;
  readonly fleet: boolean;
  readonly pages: boolean;
}

/** Every permission that Postern ever uses, and no other. */
export const APP_PERMISSIONS: readonly AppPermission[] = [
  { name: 'metadata', title: 'Metadata', level: 'read', needed: () => true },
  { name: 'contents', title: 'Contents', level: 'write', needed: () => true },
  { name: 'issues', title: 'Issues', level: 'write', needed: ({ here }) => here },
  { name: 'pull_requests', title: 'Pull requests', level: 'write', needed: ({ here }) => here },
  { name: 'checks', title: 'Checks', level: 'read', needed: ({ here }) => here },
  { name: 'administration', title: 'Administration', level: 'write', needed: ({ fleet }) => fleet },
  { name: 'pages', title: 'Pages', level: 'write', needed: ({ pages }) => pages },
  { name: 'workflows', title: 'Workflows', level: 'write', needed: () => false },
];

type Granted = Readonly<Record<string, string>> | null;

/** What a GitHub App has to be allowed at this repository's account for what is configured; each missing one is named. */
export function permissionChecks({ hosting }: Settings, granted: Granted, account: string): readonly Check[] {
  const kinds = Object.values(hosting);
  const fleet = kinds.some((one) => one.kind === 'pages-fleet' && isSame(one.owner, account));
  if (granted === null) {
    const anyFleet = kinds.some(({ kind }) => kind === 'pages-fleet');
    const fix = 'permissions: contents, issues and pull-requests: write in the workflow';
    return [
      anyFleet
        ? bad(
            'github',
            'A token is used; Pages sites of other repositories need a GitHub App.',
            'set POSTERN_APP_ID and POSTERN_APP_KEY: docs/github-app.md',
          )
        : unknown('github', 'A token is used; GitHub does not tell what it may do.', fix),
    ];
  }
  const pages = fleet || kinds.some(({ kind }) => kind === 'pages-here');
  return [granting('github', granted, { here: true, fleet, pages }, account), upgradeCheck(granted)];
}

/** The accounts of fleets other than this repository's: the App is installed, and asked about, at each. */
export function fleetOwners({ hosting }: Settings, account: string): readonly string[] {
  const owners = Object.values(hosting).flatMap((one) => (one.kind === 'pages-fleet' ? [one.owner.toLowerCase()] : []));
  return [...new Set(owners)].filter((owner) => !isSame(owner, account)).sort();
}

/** The same for the account of a fleet. */
export function fleetCheck(granted: Readonly<Record<string, string>>, owner: string): Check {
  return granting(`github ${owner}`, granted, { here: false, fleet: true, pages: true }, owner);
}

function granting(name: string, granted: Readonly<Record<string, string>>, need: Need, account: string): Check {
  const wanted = APP_PERMISSIONS.filter((one) => one.needed(need));
  const missing = wanted.filter((one) => !isGranted(granted[one.name], one.level));
  if (missing.length === 0) return ok(name, `The App may do at ${account} what is needed: ${worded(wanted)}.`);
  return bad(
    name,
    `The App lacks at ${account}: ${worded(missing)}.`,
    'set it on the App’s page under Permissions, then accept the change where the App is installed',
  );
}

/** Nothing is broken without it: a person pushes the branch of such a release. */
function upgradeCheck(granted: Readonly<Record<string, string>>): Check {
  if (isGranted(granted['workflows'], 'write'))
    return ok('upgrade', 'Releases that change a workflow can be proposed.');
  return unknown(
    'upgrade',
    'The App lacks Workflows: write, so a release that changes a workflow cannot be proposed by itself.',
    'set it on the App’s page, or push the branch of such a release yourself',
  );
}

function isGranted(level: string | undefined, wanted: AppPermission['level']): boolean {
  return level === 'admin' || level === 'write' || (wanted === 'read' && level === 'read');
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function worded(permissions: readonly AppPermission[]): string {
  return permissions.map(({ title, level }) => `${title}: ${level}`).join(', ');
}
