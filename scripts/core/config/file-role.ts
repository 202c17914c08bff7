import { type DomainName, parseDomainName } from '../../standards/domain-name.ts';
import { excerpt } from '../../standards/excerpt.ts';
import type { Entry } from './entry.ts';
import type { RuleId } from './rules/rule-table.ts';

/** What is wrong with a file as a whole. */
export interface FileFault {
  readonly rule: RuleId;
  readonly message: string;
  readonly hint: string | null;
}

/** What a name under `domains/` asks for. */
export type FileRole =
  | { readonly role: 'settings' }
  /** `domain` is null when the name is none: the content is checked all the same. */
  | {
      readonly role: 'domain';
      readonly domain: DomainName | null;
      readonly customer: string | null;
      readonly faults: readonly FileFault[];
    }
  | { readonly role: 'customer' }
  | { readonly role: 'ignored' }
  | { readonly role: 'refused'; readonly fault: FileFault };

const ENDING = '.yaml';
/** `_smtp._tls.` is the longest label pair Postern puts before a domain (RFC 8460 §3); 253 is what DNS can hold. */
const LONGEST_DOMAIN = 253 - '_smtp._tls.'.length;
/** What does not print, what reorders the text around it, and what a reader of names puts for bytes it cannot read. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\ufffd]/u;

/** The role of `<domain>.yaml`, `<customer>/<domain>.yaml`, `_settings.yaml` and everything else below `domains/`. */
export function roleOf(path: string, folder: boolean): FileRole {
  const steps = path.split('/');
  const name = steps.at(-1) ?? '';
  if (UNPRINTABLE.test(path)) {
    return refuse(
      'file-name',
      'The name holds characters that do not print.',
      'Rename it: <domain>.yaml, or a plain folder name.',
    );
  }
  if (path === '_settings.yaml' && !folder) return { role: 'settings' };
  if (path === '_settings.yml' && !folder) {
    return refuse('file-name', 'Settings are read from `_settings.yaml` only.', 'Rename the file to _settings.yaml.');
  }
  if (path === '_settings.yaml') return refuse('file-kind', 'This is a folder where a file is expected.', 'Rename it.');
  if (/^_settings?\.(?:ya?ml|json)$/i.test(name) && !folder) {
    return refuse(
      'settings-place',
      'Settings are read from `domains/_settings.yaml` alone; this file is not read.',
      steps.length > 1
        ? 'Write what differs for a customer into the files of its domains, and remove this one.'
        : 'Rename it to _settings.yaml, or remove it.',
    );
  }
  if (name.startsWith('.') || name.startsWith('_')) return { role: 'ignored' };
  if (folder) return folderRole(name, steps.length);
  if (/\.ya?ml$/i.test(name) && !name.endsWith(ENDING)) {
    const wanted = `${name.replace(/\.[^.]*$/, '')}${ENDING}`;
    return refuse(
      'file-name',
      `The ending must be \`${ENDING}\`; this file is not read.`,
      `Rename the file to ${excerpt(wanted)}.`,
    );
  }
  if (!name.endsWith(ENDING)) {
    const expected = (steps.length === 1 && name.endsWith('.json')) || /\.md$/i.test(name);
    if (expected) return { role: 'ignored' };
    return refuse(
      'file-ignored',
      `Postern reads files that end in \`${ENDING}\` only; this one is not read.`,
      'Rename or remove it.',
    );
  }
  const { domain, faults } = domainOf(name.slice(0, -ENDING.length));
  return { role: 'domain', domain, faults, customer: steps.length > 1 ? (steps[0] ?? null) : null };
}

/** Whether a file is to be read, or a folder entered. */
export function isWanted(path: string, folder: boolean): boolean {
  const { role } = roleOf(path, folder);
  return role === 'settings' || role === 'domain' || role === 'customer';
}

function folderRole(name: string, depth: number): FileRole {
  if (/\.ya?ml$/i.test(name))
    return refuse('file-kind', 'This is a folder where a file is expected.', 'Rename or remove the folder.');
  if (depth === 1) return { role: 'customer' };
  return refuse(
    'file-depth',
    'Folders below a customer’s folder are not read.',
    'Move its files one folder up: domains/<customer>/<domain>.yaml.',
  );
}

function refuse(rule: RuleId, message: string, hint: string): FileRole {
  return { role: 'refused', fault: { rule, message, hint } };
}

/** The domain a file name stands for; exactly as it is inside: lower-case A-labels (RFC 5890 §2.3.2.1). */
function domainOf(stem: string): { domain: DomainName | null; faults: readonly FileFault[] } {
  const parsed = parseDomainName(stem);
  if (!parsed.ok) {
    const message = `The file name is not a domain. ${parsed.faults[0]?.message ?? ''}`.trim();
    return {
      domain: null,
      faults: [{ rule: 'domain-name', message, hint: 'Name the file after the domain: example.com.yaml.' }],
    };
  }
  const domain = parsed.value;
  if (domain !== stem) {
    const message = `The file name must be the domain in lower-case A-labels: \`${excerpt(domain)}\`.`;
    return { domain: null, faults: [{ rule: 'domain-name', message, hint: `Rename the file to ${domain}${ENDING}.` }] };
  }
  if (domain.length > LONGEST_DOMAIN) {
    const message = `The domain has ${domain.length} characters; more than ${LONGEST_DOMAIN} leave no room for \`_smtp._tls.\` before it.`;
    return { domain: null, faults: [{ rule: 'domain-name', message, hint: null }] };
  }
  const faults: FileFault[] = [];
  if (domain.startsWith('mta-sts.')) {
    const served = excerpt(domain.slice('mta-sts.'.length));
    const message = `The file is named after a policy host; mail goes to addresses at ${served}.`;
    faults.push({ rule: 'policy-host-name', message, hint: `Rename the file to ${served}${ENDING}.` });
  }
  return { domain, faults };
}

/** What is wrong with an entry that is not a file that was read; null when its name asks for nothing. */
export function entryFault(entry: Exclude<Entry, { kind: 'file' }>, role: FileRole): FileFault | null {
  if (entry.kind === 'too-many') {
    return {
      rule: 'file-count',
      message: `There are more than ${entry.limit}; the rest is not read.`,
      hint: 'Split the repository.',
    };
  }
  if (role.role === 'ignored') return null;
  switch (entry.kind) {
    case 'unread':
      return role.role === 'refused' ? role.fault : null;
    case 'special':
      return { rule: 'file-kind', message: 'This is not a file.', hint: 'Remove it.' };
    case 'outside-root':
      return {
        rule: 'file-outside-root',
        message: 'The symbolic link leads out of the repository; it is not followed.',
        hint: 'Put the file itself here.',
      };
    case 'too-large':
      return {
        rule: 'file-too-large',
        message: `The file is larger than ${entry.bytes_limit} bytes; it is not read.`,
        hint: 'A domain needs a few hundred bytes: remove what does not belong here.',
      };
    case 'unreadable':
      return {
        rule: 'file-unreadable',
        message: `The system refused to read it: ${entry.reason}.`,
        hint: 'Check its permissions, or where the link leads.',
      };
  }
}

/** A path that may be printed: one line, nothing invisible, of bounded length. */
function printablePath(path: string): string {
  const bounded = path.length > 300 ? `${path.slice(0, 299)}…` : path;
  const unprintable = new RegExp(UNPRINTABLE, 'gu');
  return bounded.replace(unprintable, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** How a file below `domains/` is called to a person. */
export function fileOf(path: string): string {
  return `domains/${printablePath(path)}`;
}
