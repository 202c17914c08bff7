import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { mxSightings } from '#scripts/core/probe/mx-sightings.ts';
import type { Sighting } from '#scripts/core/probe/sighting.ts';
import { createProxyDial } from '#scripts/io/smtp/proxy-dial.ts';
import { lookAtMx, type MxEyes } from '#scripts/tasks/probe/look-at-mx.ts';
import { startHttpFolder } from '../fakes/http-folder.ts';
import { laboratoryEyes } from '../fakes/smtp/eyes.ts';
import { startFaultServer } from '../fakes/smtp/fault-server.ts';
import { type MailIdentities, mailFaults, mailIdentities } from '../fakes/smtp/faults.ts';
import { startMicrosocks } from './servers/microsocks.ts';
import { type Oracle, opensslClient, postTlsFinger } from './servers/oracles.ts';
import { type Postfix, startPostfix } from './servers/postfix.ts';

const HOST = 'mx1.lab.test';
const DAY_MS = 86_400_000;

/** Where the others cannot or do not judge as RFC 8461 §4.2 demands. */
const OTHERS_DIFFER: Readonly<Record<string, string>> = {
  'common name only': 'both fall back to the common name when there is no DNS name',
  revoked: 'neither asks for revocation unless it is given the list: see below',
  'short key': 'the level of security that is demanded is a setting of theirs',
  'SHA-1': 'the same',
};

describe('the SMTP probe and others at the same servers', { timeout: 300_000 }, () => {
  const nowMs = Date.now();
  const now = instantOf(nowMs);
  let folder: string;
  let http: Awaited<ReturnType<typeof startHttpFolder>>;
  let id: MailIdentities;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-lab-smtp-'));
    http = await startHttpFolder({});
    id = mailIdentities(nowMs, HOST, http.url);
    http.put('/inter.der', id.inter.der);
    http.put('/inter.crl', id.revocationList);
  });
  after(async () => {
    await http.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function seen(port: number, changes: Partial<MxEyes> = {}, at = now): Promise<readonly Sighting[]> {
    const eyes = { ...laboratoryEyes(port, id.root.pem, at), ...changes };
    const target = { host: HOST, address: '127.0.0.1' };
    const look = await lookAtMx(eyes, target, performance.now() + 20_000);
    return mxSightings(look, { now: at, certificate_thresholds: 'relative' });
  }
  const codes = (sightings: readonly Sighting[]): readonly string[] => sightings.map(({ code }) => code).sort();
  /** Our verdict on the certificate alone: what is only late or about SNI is not in it. */
  const isSound = (sightings: readonly Sighting[]): boolean =>
    !sightings.some(({ code }) => code.startsWith('mx-cert-') && code !== 'mx-cert-expiring');

  test('posttls-finger and openssl agree with every certificate verdict they can give', async () => {
    const options = { folder, host: HOST, rootPem: id.root.pem };
    const oracles: readonly (readonly [string, Oracle])[] = [
      ['posttls-finger', postTlsFinger(options)],
      ['openssl', opensslClient(options)],
    ];
    let compared = 0;
    for (const [name, { server, seen: expected }] of Object.entries(mailFaults(id))) {
      const presents = server.chain !== undefined && server.versions?.max !== 'TLSv1';
      const isJudged = expected.every((one) => one === 'ok' || /mx-cert-|mx-sni-required/.test(one));
      if (!presents || !isJudged || OTHERS_DIFFER[name] !== undefined) continue;
      const running = await startFaultServer(server);
      const ours = isSound(await seen(running.port));
      for (const [oracle, ask] of oracles) {
        const theirs = await ask(running.port);
        assert.equal(
          theirs === null,
          ours,
          `${name}: we say ${ours ? 'sound' : 'faulty'}, ${oracle}: ${theirs ?? 'sound'}`,
        );
        compared += 1;
      }
      await running.close();
    }
    assert.ok(compared >= 40, `only ${compared} verdicts were compared`);
  });

  test('openssl agrees on revocation when it is given the list, and on dates by another clock', async () => {
    const body = (id.revocationList.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
    const listPem = `-----BEGIN X509 CRL-----\n${body}\n-----END X509 CRL-----\n`;
    const options = { folder, host: HOST, rootPem: id.root.pem };
    const revoked = await startFaultServer({ chain: [id.revoked, id.inter] });
    const good = await startFaultServer({ chain: [id.good, id.inter] });
    const withList = opensslClient({ ...options, listPem });
    assert.equal(await withList(good.port), null);
    assert.match((await withList(revoked.port)) ?? '', /revoked/);
    assert.deepEqual(codes(await seen(revoked.port)), ['mx-cert-revoked']);
    const later = nowMs + 100 * DAY_MS;
    assert.match((await opensslClient({ ...options, at: Math.floor(later / 1000) })(good.port)) ?? '', /expired/);
    assert.deepEqual(codes(await seen(good.port, {}, instantOf(later))), ['mx-cert-expired']);
    await Promise.all([revoked.close(), good.close()]);
  });

  describe('Postfix', () => {
    let postfix: Postfix;
    before(async () => {
      postfix = await startPostfix([
        [id.good, id.inter],
        [id.rsa, id.inter],
        [id.expiredOtherName, id.inter],
        [id.good],
        null,
      ]);
    });
    after(() => postfix.stop());

    test('is seen as it is', async () => {
      const found: (readonly string[])[] = [];
      for (const port of postfix.ports) found.push(codes(await seen(port)));
      assert.deepEqual(found, [
        ['ok'],
        ['ok'],
        ['mx-cert-expired', 'mx-cert-name'],
        ['mx-cert-chain'],
        ['mx-no-starttls'],
      ]);
      const [sound] = await seen(postfix.ports[0] ?? 0);
      assert.match(JSON.stringify(sound?.facts['tls']), /"versions":\["TLSv1.3","TLSv1.2"\]/);
      const [chain] = await seen(postfix.ports[3] ?? 0);
      assert.equal(chain?.facts['reason'], 'missing-intermediate');
    });

    test('through microsocks with a user, and not with a wrong password', async () => {
      const proxy = await startMicrosocks('probe', 'secret');
      const through = (password: string) => ({
        dial: createProxyDial(`socks5://probe@127.0.0.1:${proxy.port}`, password, { allow_private: true }),
      });
      assert.deepEqual(codes(await seen(postfix.ports[0] ?? 0, through('secret'))), ['ok']);
      assert.deepEqual(codes(await seen(postfix.ports[0] ?? 0, through('wrong'))), ['proxy']);
      await proxy.stop();
    });
  });
});
