import { createHash } from 'node:crypto';
import { minified } from '../shared/styles/minified.ts';
import tokens from '../shared/styles/tokens.css?raw';
import page from './policy-page.css?raw';

/** The page's style, inline because each policy host stands alone. */
export const PAGE_STYLE = minified(`${tokens}${page}`);

/** The hash that lets exactly this style in, and nothing else (CSP Level 3 §2.3.1). */
export const PAGE_STYLE_HASH = `sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}`;
