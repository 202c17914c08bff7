import type { Outcome } from '../../core/probe/observation.ts';
import { LineReader } from './line-reader.ts';
import type { SmtpDial } from './proxy-dial.ts';

/**
 * Does a mail server greet with 220 here? Says QUIT and nothing else. Unknown when nobody was asked: the address is refused,
 * or the way through the proxy broke.
 */
export async function greets(dial: SmtpDial, address: string, port: number, timeoutMs: number): Promise<Outcome> {
  const deadline = performance.now() + timeoutMs;
  const socket = await dial(address, port, timeoutMs);
  if ('status' in socket) return socket.status === 'private-address' || socket.status === 'proxy' ? 'unknown' : 'bad';
  socket.on('error', () => {});
  const reply = await new LineReader(socket).reply(Math.max(0, deadline - performance.now()));
  socket.end('QUIT\r\n');
  setTimeout(() => socket.destroy(), 500).unref();
  return !('reason' in reply) && reply.code === 220 ? 'ok' : 'bad';
}
