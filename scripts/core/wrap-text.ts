/**
 * Text of one line as lines of at most `width` characters, broken at blanks; the first begins with `first`, the others
 * with `rest`. A word that is too long for a line is broken.
 */
export function wrapText(text: string, width: number, first = '', rest = first): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const room = () => Math.max(1, width - (lines.length === 0 ? first : rest).length);
  const end = () => {
    lines.push((lines.length === 0 ? first : rest) + line);
    line = '';
  };
  for (let word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room()) end();
    while (word.length > room()) {
      line = word.slice(0, room());
      word = word.slice(line.length);
      end();
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) end();
  return lines;
}
