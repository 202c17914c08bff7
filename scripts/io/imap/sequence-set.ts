/** Ascending UIDs as a sequence-set (RFC 9051 §9): `[1, 2, 3, 7]` → `1:3,7`. */
export function sequenceSet(uids: readonly number[]): string {
  const parts: string[] = [];
  for (let start = 0; start < uids.length; ) {
    let end = start;
    while (uids[end + 1] === (uids[end] ?? 0) + 1) end += 1;
    parts.push(start === end ? `${uids[start]}` : `${uids[start]}:${uids[end]}`);
    start = end + 1;
  }
  return parts.join(',');
}
