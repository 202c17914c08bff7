import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startConnectProxy, startSocks } from '../../fakes/proxy.ts';
import { LAB_HOST, type Laboratory, startLaboratory } from './laboratory.ts';

/** A vantage behind a proxy: the whole run, over SOCKS5 and HTTP CONNECT. */

const login = { user: 'probe', password: 'secret' };

describe('probe through a proxy', () => {
  let lab: Laboratory;
  before(async () => {
    lab = await startLaboratory((id) => [
      { host: LAB_HOST, address: '127.0.0.1', server: { chain: [id.good, id.inter] } },
      { host: LAB_HOST, address: '127.0.0.2', server: { chain: [id.expiredOtherName] } },
    ]);
    lab.zone.push({ name: 'closed.lab.test', type: 'A', data: '127.0.0.9' });
    lab.zone.push({ name: 'mta-sts.example.test', type: 'A', data: '127.0.0.3' });
  });
  after(() => lab.close());

  for (const [scheme, start] of [
    ['socks5', startSocks],
    ['http', startConnectProxy],
  ] as const) {
    const look = async (url: string, password: string, more: readonly string[] = [], allow = true) => {
      lab.write(
        [
          `allow_private: ${allow}`,
          'second_look: 0',
          'target_deadline: 5',
          `control: [${LAB_HOST}]`,
          `socks: ${url}`,
          ...more,
        ],
        { 'example.test': [LAB_HOST, 'closed.lab.test'] },
      );
      const environment = { POSTERN_SOCKS_PASSWORD: password };
      const { observations, vantage } = await lab.probe({ domains: ['example.test'], dryRun: true, environment });
      const rows = observations
        .filter(({ kind }) => kind === 'mx' || kind === 'policy')
        .map(({ kind, address, outcome, code }) => [kind, address, outcome, code].join(' '));
      const chain = observations.find(({ code }) => code === 'mx-cert-chain')?.facts['reason'];
      return { rows: [...new Set(rows)], vantage, chain };
    };

    test(`${scheme}: what is seen is what is seen without, and the web goes past it unless it is to go through`, async (t) => {
      const proxy = await start(login);
      t.after(proxy.close);
      const url = `${scheme}://probe@127.0.0.1:${proxy.port}`;
      const { rows, vantage, chain } = await look(url, 'secret');
      assert.deepEqual(rows, [
        `mx 127.0.0.9 unknown ${scheme === 'http' ? 'connect-unreachable' : 'connect-refused'}`,
        'mx 127.0.0.1 ok ok',
        'mx 127.0.0.2 bad mx-cert-chain',
        'mx 127.0.0.2 bad mx-cert-expired',
        'mx 127.0.0.2 bad mx-cert-name',
        'policy 127.0.0.3 bad policy-refused',
      ]);
      assert.equal(vantage.smtp_egress, 'ok');
      const web = () => proxy.asked.filter((to) => to.startsWith('127.0.0.3:')).length;
      assert.equal(web(), 0);
      assert.equal(chain, 'missing-intermediate');
      const all = await look(url, 'secret', ['socks_all: true']);
      assert.deepEqual(all.rows, rows);
      assert.equal(all.chain, 'missing-intermediate', 'the issuer was fetched through the proxy as well');
      assert.ok(web() > 0);
    });

    test(`${scheme}: a wrong password, a proxy that is not there: nothing is known, and nobody is blamed`, async (t) => {
      const proxy = await start(login);
      t.after(proxy.close);
      const url = `${scheme}://probe@127.0.0.1:${proxy.port}`;
      const unseen = ['mx 127.0.0.9 unknown proxy', 'mx 127.0.0.1 unknown proxy', 'mx 127.0.0.2 unknown proxy'];
      const { rows, vantage } = await look(url, 'wrong', ['socks_all: true']);
      assert.deepEqual(rows, [...unseen, 'policy 127.0.0.3 unknown no-route']);
      assert.equal(vantage.smtp_egress, 'unknown', 'a broken proxy does not show that port 25 is closed');
      assert.deepEqual(proxy.asked, []);
      await proxy.close();
      assert.deepEqual((await look(url, 'secret', ['socks_all: true'])).rows, rows);
    });

    test(`${scheme}: a private address is refused before the proxy hears of it`, async (t) => {
      const proxy = await start(login);
      t.after(proxy.close);
      const url = `${scheme}://probe@127.0.0.1:${proxy.port}`;
      const { rows } = await look(url, 'secret', ['socks_all: true'], false);
      assert.deepEqual([...new Set(rows.map((row) => row.split(' ').slice(2).join(' ')))], ['unknown private-address']);
      assert.deepEqual(proxy.asked, []);
    });
  }
});
