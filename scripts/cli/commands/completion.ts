import { PosternError } from '../../core/failure.ts';
import type { Command } from '../command.ts';
import { completionScript, SHELLS } from '../completion.ts';

/** Made with the whole table, so it is given it. */
export const completionCommand = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  operands: `<${SHELLS.join('|')}>`,
  summary: 'a completion script for a shell, on stdout',
  details:
    'For bash: source <(npx postern completion bash). It completes the word postern, so put that on your PATH or alias it.',
  options: [],
  arity: [1, 1],
  run: async ({ operands }) => {
    const shell = SHELLS.find((candidate) => candidate === operands[0]);
    if (shell === undefined) {
      const hint = `one of ${SHELLS.join(', ')}`;
      throw new PosternError('usage', `no completion for ${JSON.stringify(operands[0])}`, { hint, exit: 2 });
    }
    const script = completionScript(shell, commands());
    return { exit: 0, json: { shell, script }, text: script };
  },
});
