import { constructFromEvents, EVENT_ID, type Event, parseEvents, YAMLException } from 'js-yaml';
import { excerpt } from '../../../standards/excerpt.ts';
import type { FaultTellers } from '../fault-tellers.ts';
import type { RuleId } from '../rules/rule-table.ts';
import type { TextFault } from './decode.ts';
import { positionsIn } from './text-position.ts';
import { type Outline, outlineOf } from './yaml-outline.ts';

/** Deeper than any configuration: the deepest key of the schemas lies five levels down. */
const MAX_DEPTH = 16;
/** No value of ours is longer; a longer one is not handed to any pattern. */
const MAX_SCALAR = 4096;

export type YamlText =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly faults: readonly TextFault[] };

/**
 * One YAML document as plain values, or all that is wrong with it. YAML 1.2 core schema, without what makes a file mean
 * other than it shows: anchors, aliases, merge keys, tags, duplicate keys, several documents. Null when only the tellers could
 * say what is wrong.
 */
export function readYaml(text: string, tellers: FaultTellers): YamlText;
export function readYaml(text: string, tellers: FaultTellers | null): YamlText | null;
export function readYaml(text: string, tellers: FaultTellers | null): YamlText | null {
  let events: Event[];
  try {
    events = parseEvents(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    return tellers === null ? null : { ok: false, faults: [syntaxFault(text, error, tellers)] };
  }
  const refused = refusedParts(text, events);
  if (refused.length > 0) return { ok: false, faults: refused };
  try {
    const [value] = constructFromEvents(events, { source: text, maxAliases: 0 });
    if (value !== undefined && value !== null) return { ok: true, value };
    return {
      ok: false,
      faults: [fault('file-empty', null, 'The file is empty.', 'Write the configuration, or delete the file.')],
    };
  } catch (error) {
    const keys = keyFaults(text, events);
    if (keys.length > 0) return { ok: false, faults: keys };
    return tellers === null ? null : { ok: false, faults: [syntaxFault(text, error, tellers)] };
  }
}

/** Where everything stands in a text that readYaml accepts. */
export function outlineText(text: string): Outline {
  return outlineOf(text, parseEvents(text, { maxDepth: MAX_DEPTH })).outline;
}

function fault(rule: RuleId, offset: number | null, message: string, hint: string | null): TextFault {
  return { rule, offset, message, hint };
}

/** One flat pass over the events, before any value is made: an alias is never expanded. */
function refusedParts(text: string, events: readonly Event[]): TextFault[] {
  const faults: TextFault[] = [];
  let documents = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) documents++;
    if (event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) continue;
    if (documents > 1) {
      const hint = 'One file holds one document: remove the line `---` and what does not belong here.';
      faults.push(fault('yaml-documents', secondDocument(text, event), 'A second YAML document stands here.', hint));
      break;
    }
    if (event.type === EVENT_ID.ALIAS) {
      faults.push(aliasFault(event.anchorStart - 1, text.slice(event.anchorStart, event.anchorEnd)));
      continue;
    }
    if (event.anchorStart >= 0) {
      const anchor = excerpt(text.slice(event.anchorStart, event.anchorEnd));
      faults.push(
        fault(
          'yaml-alias',
          event.anchorStart - 1,
          `Anchors are not read here: \`&${anchor}\`.`,
          'Write each value where it belongs.',
        ),
      );
    }
    if (event.tagStart >= 0) {
      const tag = excerpt(text.slice(event.tagStart, event.tagEnd));
      faults.push(
        fault(
          'yaml-tag',
          event.tagStart,
          `Tags are not read here: \`${tag}\`.`,
          'Remove it; quotes alone make a value text.',
        ),
      );
    }
    if (event.type === EVENT_ID.SCALAR && event.valueEnd - event.valueStart > MAX_SCALAR) {
      faults.push(
        fault('value-invalid', event.valueStart, `A text here is longer than ${MAX_SCALAR} characters.`, null),
      );
    }
  }
  return faults;
}

function secondDocument(text: string, event: Event): number {
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  if (event.type === EVENT_ID.SCALAR && event.valueStart >= 0) return event.valueStart;
  return text.lastIndexOf('---');
}

/** A pattern such as *.example.com without quotes is the usual way to an alias that nobody meant. */
function aliasFault(offset: number, name: string): TextFault {
  const shown = excerpt(`*${name}`);
  return name.startsWith('.')
    ? fault(
        'yaml-alias',
        offset,
        `\`${shown}\` must stand in quotes: YAML reads a bare * as an alias.`,
        `Write "${shown}".`,
      )
    : fault('yaml-alias', offset, `Aliases are not read here: \`${shown}\`.`, 'Write the value itself.');
}

function keyFaults(text: string, events: readonly Event[]): TextFault[] {
  const position = positionsIn(text);
  return outlineOf(text, events).key_faults.map(({ kind, key, offset, first_offset }) =>
    kind === 'complex'
      ? fault('yaml-key', offset, 'A key must be plain text.', 'Write `name: value`.')
      : fault(
          'yaml-duplicate-key',
          offset,
          `\`${excerpt(key)}\` stands on line ${position(first_offset).line} already.`,
          'Keep one of them.',
        ),
  );
}

/** js-yaml decides that a text is not YAML; another reader explains it better and knows the place. */
function syntaxFault(text: string, error: unknown, { explainSyntax }: FaultTellers): TextFault {
  const { reason, mark } =
    error instanceof YAMLException ? error : { reason: 'the text cannot be read', mark: undefined };
  const offset = mark?.position ?? 0;
  if (reason.includes('maxDepth')) {
    return fault('yaml-syntax', offset, `Lists and maps are nested more than ${MAX_DEPTH} deep.`, null);
  }
  const generic = fault(
    'yaml-syntax',
    offset,
    `This is not YAML: ${excerpt(reason)}.`,
    'Check the indentation, quotes and brackets.',
  );
  return explainSyntax(text) ?? generic;
}
