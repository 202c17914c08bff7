import { type DomainName, parseDomainName } from '../../../standards/domain-name.ts';
import { excerpt } from '../../../standards/excerpt.ts';
import { nearest } from '../../near.ts';
import type { Remark } from '../remark.ts';
import type { WrittenDomain } from '../schema/domain-schema.ts';
import { patternsOf } from './mx-rules.ts';

/** Where a domain’s mx and mode come from. */
export type Origin =
  | { readonly kind: 'own' }
  | { readonly kind: 'shared'; readonly domain: DomainName }
  | { readonly kind: 'unknown'; readonly name: string }
  | { readonly kind: 'cycle' }
  /** A domain on the way has no readable `same_as`, or an unknown or circular one. */
  | { readonly kind: 'unusable'; readonly domain: DomainName };

/** The written `same_as` of every domain that has a file; `unreadable` when a fault hides whether it has one. */
export type SameAs = ReadonlyMap<DomainName, DomainName | null | 'unreadable'>;

/** Follows every `same_as` to its end, each link once. */
export function originsOf(sameAs: SameAs): ReadonlyMap<DomainName, Origin> {
  const origins = new Map<DomainName, Origin>();
  for (const start of sameAs.keys()) {
    const way: DomainName[] = [];
    const onWay = new Set<DomainName>();
    let here: DomainName = start;
    let next = sameAs.get(here);
    while (!origins.has(here) && !onWay.has(here) && next !== undefined && next !== null && next !== 'unreadable') {
      way.push(here);
      onWay.add(here);
      here = next;
      next = sameAs.get(here);
    }
    if (!origins.has(here) && !onWay.has(here) && next === null) origins.set(here, { kind: 'own' });
    if (onWay.has(here)) {
      for (const member of way.splice(way.indexOf(here))) origins.set(member, { kind: 'cycle' });
    }
    for (const domain of way.reverse()) {
      const target = sameAs.get(domain) as DomainName;
      origins.set(domain, originThrough(target, origins.get(target), sameAs.has(target)));
    }
  }
  return origins;
}

function originThrough(target: DomainName, origin: Origin | undefined, known: boolean): Origin {
  if (!known) return { kind: 'unknown', name: target };
  if (origin?.kind === 'own') return { kind: 'shared', domain: target };
  if (origin?.kind === 'shared') return origin;
  return { kind: 'unusable', domain: target };
}

/** The name in `same_as`, in the form files are named by. */
export function sameAsName(written: Partial<WrittenDomain>): DomainName | null {
  const parsed = written.same_as === undefined ? null : parseDomainName(written.same_as);
  return parsed?.ok === true ? parsed.value : null;
}

/** What is wrong with where the origin lies. `known` are the domains that may have been meant. */
export function originRemarks(origin: Origin, known: readonly DomainName[]): readonly Remark[] {
  const path = ['same_as'];
  switch (origin.kind) {
    case 'own':
    case 'shared':
      return [];
    case 'unknown': {
      const near = nearest(origin.name, known);
      const hint =
        near === null ? `Add domains/${origin.name}.yaml, or write mx and mode here.` : `Did you mean \`${near}\`?`;
      return [{ rule: 'same-as-unknown', path, message: `There is no domain \`${excerpt(origin.name)}\` here.`, hint }];
    }
    case 'cycle':
      return [
        {
          rule: 'same-as-cycle',
          path,
          message: '`same_as` leads back to this domain.',
          hint: 'Write mx and mode in one of the domains.',
        },
      ];
    case 'unusable':
      return [
        {
          rule: 'same-as-unusable',
          path,
          message: `The file of ${origin.domain} has an error, so its mx and mode are not known.`,
          hint: 'Mend that file first.',
        },
      ];
  }
}

/** `mode` and `mx` beside `same_as` may repeat what is shared, not differ from it. */
export function conflictRemarks(
  written: Partial<WrittenDomain>,
  shared: Partial<WrittenDomain>,
  from: DomainName,
): readonly Remark[] {
  const remarks: Remark[] = [];
  if (written.mode !== undefined && written.mode !== shared.mode) {
    const message = `\`mode\` is ${written.mode}, but ${from}, which it shares with, has ${shared.mode}.`;
    remarks.push({ rule: 'same-as-conflict', path: ['mode'], message, hint: 'Remove mode here, or remove same_as.' });
  }
  if (written.mx !== undefined && !sameSet(patternsOf(written), patternsOf(shared))) {
    const message = `\`mx\` differs from that of ${from}, which it shares with.`;
    remarks.push({ rule: 'same-as-conflict', path: ['mx'], message, hint: 'Remove mx here, or remove same_as.' });
  }
  return remarks;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const [first, second] = [new Set(a), new Set(b)];
  return first.size === second.size && [...first].every((item) => second.has(item));
}
