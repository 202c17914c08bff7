import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeMail, newSigner, reportJson, type Signer, signMail, tlsrptPart } from '../io/mail/report-mail.ts';
import { newWorld, type World } from '../tasks/ingest-world.ts';
import type { Dovecot } from './servers/dovecot.ts';

export const SENDER: Signer = newSigner('sender.example');

/** A repository whose mailbox is the server's; `imap` are further keys of mailbox.imap. */
export function mailboxWorld(server: Dovecot, imap: Readonly<Record<string, unknown>> = {}): World {
  const world = newWorld([SENDER]);
  writeFileSync(join(world.root, 'ca.pem'), readFileSync(server.caFile));
  configure(world, server, imap);
  return world;
}

export function configure(
  world: World,
  server: Dovecot,
  imap: Readonly<Record<string, unknown>> = {},
  network: Readonly<Record<string, unknown>> = {},
): void {
  const settings = {
    organisation: 'Lab',
    mailbox: { imap: { host: 'localhost', port: server.imapsPort, user: 'reports', ...imap } },
    network: { dkim_keys: 'keys.txt', resolver: 'udp://127.0.0.1:9', ca_file: 'ca.pem', ...network },
  };
  writeFileSync(join(world.root, 'domains/_settings.yaml'), JSON.stringify(settings));
}

export const SECRETS = { POSTERN_IMAP_PASSWORD: 'secret' };

/** A signed mail with one report of this id. */
export function reportMail(id: string, changes: Readonly<Record<string, unknown>> = {}): Promise<Buffer> {
  return signMail(composeMail({ parts: [tlsrptPart(reportJson({ 'report-id': id, ...changes }))] }), SENDER);
}

export function reportMails(count: number, from = 0): Promise<readonly Buffer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => reportMail(`r${from + index}`)));
}
