import { createHash } from 'node:crypto';
import tokens from '../shared/styles/tokens.css?raw';
import page from './policy-page.css?raw';

/** The page's style, inline because each policy host stands alone, in few bytes. */
export const PAGE_STYLE = `${tokens}${page}`
  .replaceAll(/\/\*[\s\S]*?\*\//g, '')
  .replaceAll(/\s+/g, ' ')
  .replaceAll(/\s*([{};,])\s*/g, '$1')
  .trim();

/** The hash that lets exactly this style in, and nothing else (CSP Level 3 §2.3.1). */
export const PAGE_STYLE_HASH = `sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}`;
