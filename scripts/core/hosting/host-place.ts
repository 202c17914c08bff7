import type { HostingSettings, Settings } from '../config/types.ts';

/** A hosting with its name, as it was when a policy host was claimed there: settings may forget it before the claim is let go. */
export type HostPlace = { readonly name: string } & HostingSettings;

/** The hosting of this name; null for none. */
export function placeOf(name: string | null, { hosting }: Pick<Settings, 'hosting'>): HostPlace | null {
  const found = name === null ? undefined : hosting[name];
  return found === undefined || name === null ? null : { name, ...found };
}

/** The same claims are held there; another name for it makes no other place. */
export function isSamePlace(a: HostPlace | null, b: HostPlace | null): boolean {
  return a === null || b === null ? a === b : detail(a) === detail(b);
}

function detail(place: HostPlace): string {
  switch (place.kind) {
    case 'pages-fleet':
      return `${place.kind} ${place.owner.toLowerCase()}/${place.repository_name}`;
    case 'bundle':
      return `${place.kind} ${place.server}`;
    default:
      return place.kind;
  }
}

export function isPages(place: HostPlace | null): boolean {
  return place?.kind === 'pages-fleet' || place?.kind === 'pages-here';
}

/** What a policy host there is an alias of; null where only its operator knows. */
export function placeTarget(place: HostPlace | null, repositoryOwner: string | null): string | null {
  if (place?.kind === 'pages-fleet') return `${place.owner.toLowerCase()}.github.io`;
  return place?.kind === 'pages-here' && repositoryOwner !== null ? `${repositoryOwner.toLowerCase()}.github.io` : null;
}

/** As a ledger keeps it; undefined for what is none. */
export function readPlace(value: unknown): HostPlace | null | undefined {
  if (value === null) return null;
  if (typeof value !== 'object') return undefined;
  const { name, kind, owner, repository_name, server } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string') return undefined;
  if (kind === 'pages-fleet' && typeof owner === 'string' && typeof repository_name === 'string')
    return { name, kind, owner, repository_name };
  if (kind === 'bundle' && (server === 'caddy' || server === 'nginx')) return { name, kind, server };
  return kind === 'pages-here' || kind === 'worker' ? { name, kind } : undefined;
}
