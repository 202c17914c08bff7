import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIpAddress } from '#scripts/standards/ip-address.ts';

test('addresses as RFC 8460 §4.4 wants them', () => {
  const good = [
    '192.0.2.1',
    '0.0.0.0',
    '255.255.255.255',
    '::',
    '::1',
    '2001:db8::1',
    '2001:DB8:0:0:0:0:0:1',
    '::ffff:192.0.2.1',
  ];
  for (const text of [...good, '1:2:3:4:5:6:7::', '1:2:3:4:5:6:192.0.2.1', '2001:db8:abcd:0012::1'])
    assert.ok(isIpAddress(text), text);
  const bad = [
    '',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '192.0.2.1.',
    ' 192.0.2.1',
    '192.0.2.1/32',
    ':',
    ':::',
    '1::2::3',
    '12345::',
  ];
  const worse = [
    'fe80::1%eth0',
    '[::1]',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '::192.0.2.1:1',
    '192.0.2.1::',
    '1:2:3:4:5:6:7:192.0.2.1',
  ];
  for (const text of [...bad, ...worse, 'mx1.example.com', '1'.repeat(100)]) assert.ok(!isIpAddress(text), text);
});

test('in agreement with node:net, which also takes a zone', () => {
  const near = fc.stringMatching(/^[0-9a-f:.]{0,20}$/);
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), near, fc.string()), (text) => {
      assert.equal(isIpAddress(text), isIP(text) !== 0 && !text.includes('%'), text);
    }),
    { numRuns: 2000 },
  );
});
