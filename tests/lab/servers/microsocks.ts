import { connect } from 'node:net';
import { freePort, type Running, run } from './process.ts';

export interface Microsocks extends Running {
  readonly port: number;
}

/** A real SOCKS5 proxy on loopback that wants this user. */
export async function startMicrosocks(user: string, password: string): Promise<Microsocks> {
  const port = await freePort();
  const options = ['-i', '127.0.0.1', '-p', String(port), '-u', user, '-P', password];
  const running = await run('/usr/bin/microsocks', options, () => isOpen(port));
  return { ...running, port };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
