/** Two policy texts as a diff, a line each: `  ` stays, `- ` goes, `+ ` comes. Policies are short: lines are compared as sets. */
export function policyDiff(before: string | null, after: string | null): readonly string[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  const diff: string[] = [];
  let at = 0;
  for (const line of old) {
    if (!now.includes(line)) {
      diff.push(`- ${line}`);
      continue;
    }
    // What comes before a line that stays is new; a line that moved is told as going and coming.
    const place = now.indexOf(line, at);
    if (place < 0) {
      diff.push(`- ${line}`);
      continue;
    }
    for (; at < place; at++) diff.push(`+ ${now[at]}`);
    diff.push(`  ${line}`);
    at = place + 1;
  }
  for (; at < now.length; at++) diff.push(`+ ${now[at]}`);
  return diff;
}

function linesOf(text: string | null): readonly string[] {
  return text === null ? [] : text.split(/\r\n|\n/).filter((line) => line !== '');
}
