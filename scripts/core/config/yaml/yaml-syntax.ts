import { parseDocument } from 'yaml';
import { excerpt } from '../../../standards/excerpt.ts';
import type { TextFault } from './decode.ts';

/** A longer text is not explained: on hostile ones this reader is slow (a second for 256 KiB of quotes). */
const MAX_LENGTH = 4096;

const WORDS: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['A tab indents this line.', 'Indent with spaces.'],
  BAD_SCALAR_START: ['A value cannot begin with this character.', 'Put the value in quotes.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A second key stands here, inside a value.',
    'Check the indentation; a value that holds a colon and a space needs quotes.',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'A key goes over several lines.',
    'Check for a colon that is missing or a line out of place.',
  ],
  BAD_INDENT: ['The indentation does not fit here.', 'Check that every [, { and quote is closed, and the indentation.'],
  MISSING_CHAR: [
    'Something opened before here is not closed.',
    'Close the quote, ] or }, or add the comma between two items.',
  ],
  BAD_DQ_ESCAPE: [
    'A backslash in double quotes begins no known escape.',
    'Use single quotes, or write \\\\ for a backslash.',
  ],
  BLOCK_IN_FLOW: [
    'A line of `key: value` or `- item` stands inside [ ] or { }.',
    'Close the bracket first, or separate items with commas.',
  ],
};

/** Why a text is not YAML and where, or null when this reader has nothing to say either. */
export function explainSyntax(text: string): TextFault | null {
  if (text.length > MAX_LENGTH) return null;
  const first = parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).errors[0];
  if (first === undefined) return null;
  const rule = first.code === 'DUPLICATE_KEY' ? 'yaml-duplicate-key' : 'yaml-syntax';
  const [message, hint] = WORDS[first.code] ?? [
    `This is not YAML: ${excerpt(first.message)}.`,
    'Check the indentation, quotes and brackets.',
  ];
  return { rule, offset: first.pos[0], message, hint };
}
