import { createHash } from 'node:crypto';
import base from '../shared/styles/base.css?raw';
import explore from '../shared/styles/explore.css?raw';
import fleet from '../shared/styles/fleet.css?raw';
import { minified } from '../shared/styles/minified.ts';
import page from '../shared/styles/page.css?raw';
import picture from '../shared/styles/picture.css?raw';
import print from '../shared/styles/print.css?raw';
import table from '../shared/styles/table.css?raw';
import tokens from '../shared/styles/tokens.css?raw';

/** In this order, later ones win. */
const LAYERS = { tokens, base, page, table, fleet, picture, explore, print };

/** The one style sheet of the site. */
export const STYLE = minified(
  Object.entries(LAYERS)
    .map(([name, css]) => `@layer ${name} {${css}}`)
    .join('\n'),
);

/** Named by its content, so that a browser that has it never asks again. */
export const STYLE_NAME = `site.${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}`;
