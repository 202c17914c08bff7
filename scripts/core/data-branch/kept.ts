/**
 * Whether a file below `data/` is kept with it. Not what belongs to the main branch (the README, the examples), nor what
 * a run that goes on has begun.
 */
export function isKept(path: string): boolean {
  if (path === 'README.md' || ['inbox/', 'example/', '.writing'].some((begin) => path.startsWith(begin))) return false;
  return !path.endsWith('.tmp') && !path.split('/').some((part) => part.startsWith('.staging'));
}

/** The same for git, which reads patterns. */
export const NOT_KEPT = ['/README.md', '/inbox/', '/example/', '/.writing*', '.staging*', '*.tmp'];

/** Whether a name from outside may become a file below `data/`. */
export function isPathInside(path: string): boolean {
  const isName = (part: string) => /^[\x21-\x2e\x30-\x7e]+$/.test(part) && !['.', '..', '.git'].includes(part);
  return path.length <= 1000 && !path.includes('\\') && path.split('/').every(isName);
}

/** In which order files are sent: what is spoken of before what speaks of it. The checkpoint is last. */
export function sendingOrder(path: string): number {
  if (path === 'checkpoint.json') return 2;
  return path.startsWith('policies/') ? 1 : 0;
}
