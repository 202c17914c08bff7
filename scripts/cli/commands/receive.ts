import type { Command } from '../command.ts';
import { PORT, portOf } from '../options.ts';
import { untilStopped } from '../until-stopped.ts';

export const RECEIVE_COMMAND: Command = {
  name: 'receive',
  operands: '',
  summary: 'takes TLS reports by HTTPS POST (rua=https:), for the next ingest',
  details:
    'Optional: senders also report by mail. Judges nothing but the size, keeps the raw bytes under data/received, and runs ' +
    'until it is stopped, behind a proxy that does the TLS. With POSTERN_RECEIVER_TOKEN, an ingest on another machine fetches ' +
    'them (reporting.receiver). docs/receiver.md has the proxy, and the same as a Cloudflare Worker.',
  options: [PORT, { name: 'host', value: 'ADDRESS', summary: 'the address to listen at (default: 127.0.0.1)' }],
  arity: [0, 0],
  run: async (invocation) => {
    const { startReceiver } = await import('../../tasks/receive.ts');
    const { data, options, environment } = invocation;
    const host = typeof options['host'] === 'string' ? options['host'] : '127.0.0.1';
    const token = environment['POSTERN_RECEIVER_TOKEN'] || null;
    const { address, close } = await startReceiver(data, { host, port: portOf(invocation), token });
    return {
      exit: 0,
      json: { address },
      text: `receives at ${address}\nCtrl-C stops.`,
      hold: () => untilStopped(close),
    };
  },
};
