/** 1-based; columns count UTF-16 units, as editors do. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Looks up offsets of one text. A line ends at LF, CRLF or CR (YAML 1.2.2 §5.4). */
export function positionsIn(text: string): (offset: number) => TextPosition {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    const inside = Math.max(0, Math.min(offset, text.length));
    let [line, after] = [0, starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= inside) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: inside - (starts[line] ?? 0) + 1 };
  };
}
