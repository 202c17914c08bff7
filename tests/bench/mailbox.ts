import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeMail, reportJson, type Signer, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { type Dovecot, startDovecot } from '../lab/servers/dovecot.ts';

const MAILS = 10_000;
const REPORTERS = 7;
const ROUNDS = 3;
const POSTERN = new URL('../../scripts/postern.mjs', import.meta.url).pathname;

/** What nobody can do without, one after the other in one process: fetch all mail, take it apart, verify its signature. */
const FLOOR = `
  import { readFileSync } from 'node:fs';
  import { ImapFlow } from 'imapflow';
  import { simpleParser } from 'mailparser';
  import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
  const [port, caFile, keyFile] = process.argv.slice(1);
  const keys = JSON.parse(readFileSync(keyFile, 'utf8'));
  const client = new ImapFlow({
    host: 'localhost', port: Number(port), secure: true, auth: { user: 'reports', pass: 'secret' },
    tls: { ca: readFileSync(caFile) }, logger: false, disableAutoIdle: true,
  });
  await client.connect();
  await client.mailboxOpen('INBOX', { readOnly: true });
  const times = { fetch: 0, parse: 0, verify: 0 };
  let at = performance.now();
  const lap = (name) => { const now = performance.now(); times[name] += now - at; at = now; };
  const mails = [];
  for await (const { source } of client.fetch('1:*', { uid: true, source: true }, { uid: true })) mails.push(source);
  lap('fetch');
  for (const mail of mails) await simpleParser(mail);
  lap('parse');
  const resolver = async (name) => [[keys[name]]];
  let passed = 0;
  for (const mail of mails) {
    const { results } = await dkimVerify(mail, { resolver, curTime: new Date('2026-11-21T06:00:00Z') });
    if (results[0].status.result === 'pass') passed += 1;
  }
  lap('verify');
  if (passed !== ${MAILS}) throw new Error(passed + ' signatures are good');
  await client.logout();
  process.stdout.write(JSON.stringify(times));
`;

/** Told on stderr by each child: its peak of resident memory in MB, and the processor time it took in all threads. */
const USAGE = `data:text/javascript,process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.stderr.write('peak ' + maxRSS / 1024 + ' cpu ' + (userCPUTime + systemCPUTime) / 1e6);
})`;

/**
 * 10,000 signed mails in a real Dovecot: the whole `postern ingest` process, to Parquet that is committed and mail that is
 * moved, against a process that only fetches, parses and verifies. The shortest of three rounds counts.
 */
export async function benchMailbox(): Promise<readonly string[]> {
  if (!existsSync('/usr/sbin/dovecot')) return ['not measured: it needs the Debian package dovecot-imapd'];
  const root = mkdtempSync(join(tmpdir(), 'postern-bench-mailbox-'));
  const server = await startDovecot();
  try {
    const signers = Array.from({ length: REPORTERS }, (_, index) => rsaSigner(`sender${index}.example`));
    const mails = await Promise.all(Array.from({ length: MAILS }, (_, index) => mailOf(index, signers)));
    writeWorld(root, server, signers);
    const keyFile = join(root, 'keys.json');
    writeFileSync(keyFile, JSON.stringify(Object.fromEntries(signers.map(({ name, record }) => [name, record]))));
    const ingest = [POSTERN, 'ingest', '--root', root, '--json', '--now', '2026-11-21T06:00:00Z', '--data'];
    let floor: Times | null = null;
    let best = Number.POSITIVE_INFINITY;
    let work = Number.POSITIVE_INFINITY;
    let peak = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      server.deliver(mails);
      const needed = run(['--input-type=module', '-e', FLOOR, String(server.imapsPort), server.caFile, keyFile]);
      const alone = JSON.parse(needed.output) as Times;
      if (floor === null || total(alone) < total(floor)) floor = alone;
      const whole = run([...ingest, join(root, `data-${round}`)]);
      const result = JSON.parse(whole.output) as Record<string, unknown>;
      if (result['reports'] !== MAILS || result['unauthenticated'] !== 0 || server.count('INBOX') !== 0) {
        throw new Error(`not every mail was stored, believed and moved: ${whole.output.slice(0, 500)}`);
      }
      best = Math.min(best, whole.seconds);
      work = Math.min(work, whole.cpu / needed.cpu);
      peak = Math.max(peak, whole.peak);
      server.forget('Postern/Processed');
    }
    if (floor === null) throw new Error('there was no round');
    const seconds = (ms: number): string => (ms / 1000).toFixed(2);
    return [
      `fetch ${MAILS} mails from Dovecot          ${seconds(floor.fetch)} s`,
      `mailparser                              ${seconds(floor.parse)} s`,
      `dkimVerify                              ${seconds(floor.verify)} s`,
      `postern ingest, whole process           ${best.toFixed(2)} s, ratio ${(best / (total(floor) / 1000)).toFixed(2)} of their sum (at most 1.5)`,
      `processor time of both processes        ratio ${work.toFixed(2)}`,
      `peak memory                             ${Math.round(peak)} MB`,
    ];
  } finally {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Times {
  readonly fetch: number;
  readonly parse: number;
  readonly verify: number;
}

function total({ fetch, parse, verify }: Times): number {
  return fetch + parse + verify;
}

/** RSA with 2048 bits, as almost all reporters sign. */
function rsaSigner(domain: string): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return {
    domain,
    selector: 's1',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name: `s1._domainkey.${domain}`,
    record: `v=DKIM1; k=rsa; p=${key}`,
  };
}

function mailOf(index: number, signers: readonly Signer[]): Promise<Buffer> {
  const signer = signers[index % signers.length];
  if (signer === undefined) throw new Error('there is no signer');
  const day = `2026-11-${String(1 + (index % 20)).padStart(2, '0')}`;
  const json = reportJson({
    'organization-name': signer.domain,
    'contact-info': `tls@${signer.domain}`,
    'report-id': `${day}_${index}`,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
  });
  return signMail(composeMail({ parts: [tlsrptPart(json)] }), signer);
}

function writeWorld(root: string, server: Dovecot, signers: readonly Signer[]): void {
  mkdirSync(join(root, 'domains'));
  writeFileSync(join(root, 'ca.pem'), readFileSync(server.caFile));
  writeFileSync(join(root, 'keys.txt'), signers.map(({ name, record }) => `${name} ${record}\n`).join(''));
  const settings = {
    organisation: 'Bench',
    reporting: { rua: ['mailto:tls@reports.example'] },
    mailbox: { imap: { host: 'localhost', port: server.imapsPort, user: 'reports' } },
    network: { dkim_keys: 'keys.txt', ca_file: 'ca.pem' },
  };
  writeFileSync(join(root, 'domains/_settings.yaml'), JSON.stringify(settings));
  writeFileSync(join(root, 'domains/example.com.yaml'), 'mode: testing\nmx: [mx1.example.com]\n');
}

interface Run {
  readonly seconds: number;
  /** Seconds of processor time. */
  readonly cpu: number;
  readonly peak: number;
  readonly output: string;
}

function run(args: readonly string[]): Run {
  const start = performance.now();
  const env = { ...process.env, POSTERN_IMAP_PASSWORD: 'secret' };
  // The floor finds its libraries from here, wherever the bench was called.
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28, env, cwd: import.meta.dirname } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', USAGE, ...args], options);
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`a process ended with ${status}: ${stderr}`);
  const told = (name: string): number => Number(new RegExp(`${name} ([\\d.]+)`).exec(stderr)?.[1] ?? 0);
  return { seconds, cpu: told('cpu'), peak: told('peak'), output: stdout };
}
