import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { instantOf } from '#scripts/core/clock.ts';
import { mxSightings } from '#scripts/core/probe/mx-sightings.ts';
import { createProxyDial } from '#scripts/io/smtp/proxy-dial.ts';
import { lookAtMx } from '#scripts/tasks/probe/look-at-mx.ts';
import { startConnectProxy, startSocks } from '../../fakes/proxy.ts';
import { laboratoryEyes } from '../../fakes/smtp/eyes.ts';
import { type FaultServer, startFaultServer } from '../../fakes/smtp/fault-server.ts';
import { mailIdentities } from '../../fakes/smtp/faults.ts';

const LOGIN = { user: 'me', password: 'se:cret' };
const HOST = 'mx1.lab.test';

describe('through a proxy', () => {
  const nowMs = Date.now();
  const id = mailIdentities(nowMs, HOST, 'http://127.0.0.1:9');
  let server: FaultServer;
  before(async () => {
    server = await startFaultServer({ chain: [id.orphan, id.inter] });
  });
  after(() => server.close());

  async function seen(url: string, password: string | null, address = '127.0.0.1', port = server.port, allow = true) {
    const eyes = laboratoryEyes(port, id.root.pem, instantOf(nowMs));
    const dial = createProxyDial(url, password, { allow_private: allow });
    const look = await lookAtMx({ ...eyes, dial }, { host: HOST, address }, performance.now() + 10_000);
    const [sighting] = mxSightings(look, { now: instantOf(nowMs), certificate_thresholds: 'relative' });
    return `${sighting?.outcome} ${sighting?.code}`;
  }

  for (const [kind, start] of [
    ['socks5', startSocks],
    ['http', startConnectProxy],
  ] as const) {
    test(`${kind}: with a user, with a wrong password, to a closed port, and not at all to a private address`, async () => {
      const proxy = await start(LOGIN);
      const url = `${kind}://me@127.0.0.1:${proxy.port}`;
      try {
        assert.equal(await seen(url, LOGIN.password), 'ok ok');
        assert.ok(proxy.asked.every((target) => target === `127.0.0.1:${server.port}`));
        const before = proxy.asked.length;
        assert.equal(await seen(url, 'wrong'), 'unknown proxy');
        assert.equal(await seen(url, LOGIN.password, '169.254.169.254', 25, false), 'unknown private-address');
        assert.equal(proxy.asked.length, before);
        assert.match(await seen(url, LOGIN.password, '127.0.0.1', 1), /^unknown connect-(refused|unreachable)$/);
      } finally {
        await proxy.close();
      }
    });

    test(`${kind}: without a user, and a proxy that is not there`, async () => {
      const proxy = await start(null);
      const url = `${kind}://127.0.0.1:${proxy.port}`;
      assert.equal(await seen(url, null), 'ok ok');
      await proxy.close();
      assert.equal(await seen(url, null), 'unknown proxy');
    });
  }

  test('what is no address of a proxy is refused', () => {
    for (const url of ['ftp://127.0.0.1:1', 'nonsense', 'socks4://127.0.0.1:1']) {
      assert.throws(() => createProxyDial(url, null, { allow_private: false }), /network\.socks/);
    }
  });
});
