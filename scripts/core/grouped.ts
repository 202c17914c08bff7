/** A whole number for people: 1234567 → `1,234,567`. Asking for a locale would load all of them, which a short run has no time for. */
export function grouped(whole: number): string {
  if (whole < 0) return `-${grouped(-whole)}`;
  const digits = String(whole);
  let text = digits.slice(-3);
  for (let end = digits.length - 3; end > 0; end -= 3) text = `${digits.slice(Math.max(0, end - 3), end)},${text}`;
  return text;
}
