import { LineReader } from './line-reader.ts';
import type { SmtpDial } from './proxy-dial.ts';

/** Does a mail server greet with 220 here? Says QUIT and nothing else. */
export async function greets(dial: SmtpDial, address: string, port: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  const socket = await dial(address, port, timeoutMs);
  if ('status' in socket) return false;
  socket.on('error', () => {});
  const reply = await new LineReader(socket).reply(Math.max(0, deadline - performance.now()));
  socket.end('QUIT\r\n');
  setTimeout(() => socket.destroy(), 500).unref();
  return !('reason' in reply) && reply.code === 220;
}
