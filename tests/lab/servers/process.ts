import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A program that runs for a test. */
export interface Running {
  /** What it wrote so far, for messages. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts a program and waits until `ready` says so; throws what it wrote when it ends or takes longer than 15 s. */
export async function run(
  program: string,
  options: readonly string[],
  ready: () => Promise<boolean>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child: ChildProcess = spawn(program, options, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      output = (output + String(text)).slice(-20_000);
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(late);
  };
  for (let waited = 0; !(await ready()); waited += 50) {
    if (child.exitCode !== null || waited > 15_000) {
      await stop();
      throw new Error(`${program} did not come up:\n${output}`);
    }
    await pause(50);
  }
  return { output: () => output, stop };
}

/** A port that is free for TCP and UDP on loopback just now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer();
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const bound = tcp.address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
    const udp = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(port, '127.0.0.1', () => resolve(true));
    });
    if (free) await new Promise<void>((resolve) => udp.close(() => resolve()));
    await new Promise<void>((resolve) => tcp.close(() => resolve()));
    if (free) return port;
  }
}
