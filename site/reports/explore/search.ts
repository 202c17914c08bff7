import { findDomain } from './find.ts';
import { loadDomains } from './load.ts';
import { number } from './picture.ts';

/**
 * Answers `?find=`, with which the forms of other pages lead here: goes on to the page of the domain whose name it is, or
 * of the only one that holds it; else lists those that do.
 */
export async function search(base: string, text: string, place: HTMLElement): Promise<void> {
  const { exact, some, more } = findDomain(text, await loadDomains(base));
  const only = exact ?? (some.length === 1 ? some[0] : undefined);
  if (only !== undefined) {
    location.replace(`${base}domains/${only}/`);
    return;
  }
  const told = document.createElement('p');
  told.textContent =
    some.length === 0
      ? `No domain here has a name with “${text.slice(0, 80)}” in it.`
      : `${number(some.length + more)} domains have “${text.slice(0, 80)}” in their name.${more > 0 ? ` The first ${some.length}:` : ''}`;
  const list = document.createElement('ul');
  list.className = 'names';
  for (const domain of some) {
    const link = document.createElement('a');
    link.href = `${base}domains/${domain}/`;
    link.textContent = domain;
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  place.replaceChildren(told, list);
  place.hidden = false;
}
