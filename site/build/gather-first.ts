import type { AstroIntegration } from 'astro';
import { gathered } from '../reports/gathered.ts';

/**
 * Reads what the pages are made of before the bundler starts: what counting needs of memory and what bundling leaves behind are
 * not held at once.
 */
export function gatherFirst(): AstroIntegration {
  return {
    name: 'postern:gather-first',
    hooks: {
      'astro:config:setup': async ({ command }) => {
        if (command === 'build') await gathered();
      },
    },
  };
}
