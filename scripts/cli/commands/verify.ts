import { resolve } from 'node:path';
import { verifyText } from '../../core/month/result-text.ts';
import type { Command } from '../command.ts';

export const VERIFY_COMMAND: Command = {
  name: 'verify',
  operands: '<bundle>',
  summary: 'checks an evidence bundle offline: hashes, chain, and the figures from the rows',
  details:
    'Takes the .zip that digest monthly wrote, a folder it was unpacked into, or data/months/<month>. Hashes every file, follows ' +
    'the chain of months, and makes the figures and every list that follows from the rows again. Asks no network and needs no ' +
    'configuration. Ends with 1 when anything differs or the archive cannot be read, and names it.',
  options: [],
  arity: [1, 1],
  run: async ({ operands, progress }) => {
    const { verify } = await import('../../tasks/verify.ts');
    const bundle = resolve(operands[0] ?? '');
    const result = await verify(bundle, progress);
    return { exit: result.ok ? 0 : 1, json: result, text: verifyText(operands[0] ?? '', result) };
  },
};
