import { grouped } from '../../grouped.ts';
import { isChange, type Plan } from './plan.ts';

/** One line: how many change, are refused, and wait for a person. */
export function planVerdict({ domains }: Plan): string {
  const changing = domains.filter(isChange);
  const refused = domains.filter(({ refusals }) => refusals.length > 0);
  const versions = domains.filter(({ version }) => version !== null).length;
  const people = changing.filter(({ dns }) => dns.some(({ by }) => by === 'person')).length;
  if (changing.length === 0 && refused.length === 0)
    return `Nothing to do: ${count(domains.length, 'domain')} as published.`;
  const parts = [
    `${count(changing.length, 'domain')} of ${domains.length} to change`,
    count(versions, 'new version'),
    ...(people > 0 ? [`${people} with DNS for a person`] : []),
    ...(refused.length > 0 ? [`${refused.length} refused`] : []),
  ];
  return `${refused.length > 0 ? 'Refused: ' : ''}${parts.join(', ')}.`;
}

export function count(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}
