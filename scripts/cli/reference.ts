/** `npm run reference`: writes what is made from the tables of the code. Tests say when it is needed. */
import { fileURLToPath } from 'node:url';
import { writeReference } from '../tasks/write-reference.ts';
import { loadCommands } from './commands.ts';
import { commandsMarkdown } from './help.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const changed = writeReference(root, [{ file: 'docs/commands.md', text: commandsMarkdown(await loadCommands()) }]);
process.stdout.write(changed.length === 0 ? 'Nothing changed.\n' : `Written: ${changed.join(', ')}\n`);
