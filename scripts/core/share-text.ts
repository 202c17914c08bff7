/**
 * `99.8 %`, wherever a share is told: one decimal, two beside none and all, where one failure in a thousand is much. Rounded
 * down, and all only of all: while a single one is missing it never reads 100 %.
 */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return 'not known';
  if (part === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (part / whole) * 100;
  if (percent < 0.01) return 'less than 0.01 %';
  const [scale, decimals] = percent < 0.1 || percent >= 99.9 ? [100, 2] : [10, 1];
  return `${(Math.floor(percent * scale) / scale).toFixed(decimals)} %`;
}
