import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const LISTENER = `require('node:net').createServer().listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => console.log('up'))`;

/**
 * A port that answers nothing at all, as behind a packet filter: its program is stopped and its queue is full, so the kernel
 * drops what comes. Needs no right to filter packets.
 */
export async function startUnansweringPort(
  host: string,
  port: number,
): Promise<{ readonly close: () => Promise<void> }> {
  const child = spawn(process.execPath, ['-e', LISTENER, host, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const held: Socket[] = [];
  for (let index = 0; index < 8; index += 1) {
    const socket = connect({ host, port });
    socket.on('error', () => {});
    held.push(socket);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    close: async () => {
      for (const socket of held) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'close');
    },
  };
}
