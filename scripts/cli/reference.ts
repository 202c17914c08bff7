/** `npm run reference`: writes what is generated from the tables of the code. A test says when it is needed. */
import { writeFileSync } from 'node:fs';
import { referenceFiles } from './reference-files.ts';

for (const [path, text] of Object.entries(referenceFiles())) writeFileSync(new URL(`../../${path}`, import.meta.url), text);
