import { PosternError } from '../../core/failure.ts';
import type { Command } from '../command.ts';
import { completionScript, SHELLS } from '../completion.ts';

/** Made of all commands, so it is told how to load them. */
export const completionCommand = (commands: () => Promise<readonly Command[]>): Command => ({
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
    const script = completionScript(shell, await commands());
    return { exit: 0, json: { shell, script }, text: script };
  },
});
