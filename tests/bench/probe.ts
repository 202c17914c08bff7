import { fork } from 'node:child_process';
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { connect as tlsConnect } from 'node:tls';
import { instantOf } from '#scripts/core/clock.ts';
import { createTurns } from '#scripts/io/smtp/turns.ts';
import { keepYoungGenerationSmall } from '#scripts/io/young-generation.ts';
import type { MxAddress } from '#scripts/tasks/probe/look-at-mx.ts';
import { type AddressQuestion, lookAtAddresses } from '#scripts/tasks/probe/look-at-mx-hosts.ts';
import { laboratoryEyes } from '../fakes/smtp/eyes.ts';

const HOST = 'mx1.lab.test';
const CONCURRENCY = 50;
/** The pause between two connections to one address, as in production. */
const PAUSE_MS = 200;
const ROUNDS = 3;
const TARGETS = 600;
const MANY = 10_000;
const TARPITS = 1000;
const DEADLINE_S = 10;

interface Servers {
  readonly sound: number;
  readonly silent: number;
  readonly root: string;
}

/**
 * The SMTP probe against servers in another process. Connections per second next to as many bare STARTTLS and TLS handshakes
 * with one shared context, then ten thousand targets, then a fleet in which a thousand never answer.
 */
export async function benchProbe(): Promise<readonly string[]> {
  keepYoungGenerationSmall();
  const child = fork(new URL('./probe-servers.ts', import.meta.url));
  try {
    const servers = await new Promise<Servers>((resolve) =>
      child.once('message', (message) => resolve(message as Servers)),
    );
    let [bare, ours] = [0, 0];
    const delay = monitorEventLoopDelay({ resolution: 5 });
    for (let round = 0; round < ROUNDS; round += 1) {
      delay.enable();
      bare = Math.max(bare, await bareRate(servers));
      delay.disable();
      ours = Math.max(ours, await probeRate(servers));
    }
    return [
      `bare STARTTLS + TLS, ${CONCURRENCY} at a time     ${bare.toFixed(0)} handshakes a second, event loop 99th percentile ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
      `the probe, ${CONCURRENCY} at a time               ${ours.toFixed(0)} handshakes a second, ratio ${(ours / bare).toFixed(2)} (at least 0.7)`,
      ...(await many(servers)),
      ...(await hung(servers)),
    ];
  } finally {
    child.disconnect();
  }
}

async function bareRate({ sound, root }: Servers): Promise<number> {
  const { current } = laboratoryEyes(sound, root, instantOf(Date.now())).contexts;
  const started = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < TARGETS * 2) {
      const address = addressOf(next % TARGETS);
      next += 1;
      await new Promise<void>((resolve, reject) => {
        const socket = connect({ host: address, port: sound });
        socket.setNoDelay(true);
        socket.once('error', reject);
        const says = ['EHLO bench.test\r\n', 'STARTTLS\r\n'];
        const read = (): void => {
          const say = says.shift();
          if (say !== undefined) {
            socket.write(say);
            return;
          }
          socket.off('data', read);
          const secured = tlsConnect({ socket, servername: HOST, secureContext: current, rejectUnauthorized: false });
          secured.once('error', reject);
          secured.once('secureConnect', () => {
            secured.end();
            socket.once('close', () => resolve());
          });
        };
        socket.on('data', read);
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (TARGETS * 2) / ((performance.now() - started) / 1000);
}

async function probeRate(servers: Servers): Promise<number> {
  const started = performance.now();
  const seen = await lookAtAddresses(targets(TARGETS), question(servers, servers.sound));
  const seconds = (performance.now() - started) / 1000;
  // One with a name and TLS 1.3, one without a name and TLS 1.2.
  const connections = seen.size * 2;
  for (const { sightings } of seen.values()) {
    if (sightings[0]?.code !== 'ok') throw new Error(`a sound server was seen as ${JSON.stringify(sightings[0])}`);
  }
  return connections / seconds;
}

async function many(servers: Servers): Promise<readonly string[]> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const turns = watchTurns();
  const before = process.cpuUsage();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 50);
  const started = performance.now();
  await lookAtAddresses(targets(MANY), question(servers, servers.sound));
  clearInterval(watch);
  delay.disable();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const used = (user + system) / 1e6;
  return [
    `${MANY} targets                       ${seconds.toFixed(0)} s, ${used.toFixed(0)} s of a processor; peak memory ${Math.round(peak / 2 ** 20)} MB (at most 400)`,
    `event loop, 99th percentile           ${turns().toFixed(1)} ms of work (at most 50); by the clock, with whatever else the machine does, ${(delay.percentile(99) / 1e6).toFixed(1)} ms`,
  ];
}

/** The 99th percentile of the processor time that this thread spent between two ticks: what others take is not in it. Milliseconds. */
function watchTurns(): () => number {
  const spent: number[] = [];
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = process.threadCpuUsage();
    spent.push((now.user + now.system - last.user - last.system) / 1000);
    last = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return spent.toSorted((a, b) => a - b)[Math.floor(spent.length * 0.99)] ?? 0;
  };
}

/** Silent and sound hosts share a port, so the silent stand on their own addresses behind another dial. */
async function hung(servers: Servers): Promise<readonly string[]> {
  const sound = targets(200);
  const silent = targets(TARPITS).map(({ address }) => ({
    host: 'silent.lab.test',
    address: address.replace('127.1', '127.9'),
  }));
  const asked = question(servers, servers.sound);
  const dial: typeof asked.eyes.mx.dial = (address, port, ms) =>
    asked.eyes.mx.dial(address, address.startsWith('127.9') ? servers.silent : port, ms);
  const mixed = { ...asked, eyes: { mx: { ...asked.eyes.mx, dial } } };
  const alone = await timed(sound, mixed);
  const beside = await timed([...silent, ...sound], mixed);
  return [
    `200 sound targets alone               the last after ${alone.sound.toFixed(1)} s`,
    `beside ${TARPITS} that never answer        the last after ${beside.sound.toFixed(1)} s; all ended after ${beside.all.toFixed(1)} s, deadline ${DEADLINE_S} s`,
  ];
}

async function timed(all: readonly MxAddress[], asked: AddressQuestion) {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let sound = 0;
  const turns: typeof asked.eyes.mx.turns = async (address, work, pause) => {
    const result = await asked.eyes.mx.turns(address, work, pause);
    if (!address.startsWith('127.9')) sound = seconds();
    return result;
  };
  await lookAtAddresses(all, { ...asked, eyes: { mx: { ...asked.eyes.mx, turns } } });
  return { sound, all: seconds() };
}

function question({ root }: Servers, port: number): AddressQuestion {
  const mx = { ...laboratoryEyes(port, root, instantOf(Date.now())), turns: createTurns(PAUSE_MS) };
  const settings = {
    alerts: { certificate_thresholds: 'relative' },
    network: { target_deadline: DEADLINE_S },
  } as const;
  return { eyes: { mx }, settings, end: Number.POSITIVE_INFINITY, onDone: () => {} };
}

function targets(count: number): readonly MxAddress[] {
  return Array.from({ length: count }, (_, index) => ({ host: HOST, address: addressOf(index) }));
}

function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}
