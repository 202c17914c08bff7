/** A whole number for people: 1234567 → `1,234,567`. Asking for a locale would load all of them, which a short run has no time for. */
export function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
