/** A piece is written when it has about so many characters. */
const PIECE = 65_536;

/**
 * A document as `JSON.stringify(value, null, 2)` writes it, in pieces that end where a line ends: the review of a large fleet is
 * longer than any text may be.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'toJSON' in value) {
    yield JSON.stringify(value, null, 2);
    return;
  }
  let piece = '{';
  let isFirst = true;
  for (const [key, part] of Object.entries(value)) {
    if (JSON.stringify(part === null || typeof part !== 'object' ? part : 0) === undefined) continue;
    piece += `${isFirst ? '' : ','}\n  ${JSON.stringify(key)}: `;
    isFirst = false;
    if (!Array.isArray(part) || part.length === 0) {
      piece += indented(part, '  ');
      continue;
    }
    piece += '[';
    for (const [index, element] of part.entries()) {
      if (index > 0) piece += ',';
      if (piece.length >= PIECE) {
        yield piece;
        piece = '';
      } else piece += '\n';
      piece += `    ${indented(element ?? null, '    ')}`;
    }
    piece += '\n  ]';
  }
  yield isFirst ? '{}' : `${piece}\n}`;
}

/** A line break in JSON is never part of a text. */
function indented(value: unknown, by: string): string {
  return (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${by}`);
}
