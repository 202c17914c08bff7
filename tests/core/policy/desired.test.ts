import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { desiredPolicy, policyHost, publishedMode } from '#scripts/core/policy/desired.ts';
import { parseMtaStsPolicy, renderMtaStsPolicy } from '#scripts/standards/mta-sts-policy.ts';
import { configurationOf } from '../config/entries.ts';

function configOf(yaml: string) {
  const [config] = configurationOf({ 'example.com.yaml': yaml }).domains;
  assert.ok(config, 'the domain is valid');
  return config;
}

suite('the policy a domain should serve', () => {
  test('is what is written, with the defaults', () => {
    const config = configOf('mode: enforce\nmx: [mx1.example.com, "*.mail.example.com"]\n');
    assert.deepEqual(desiredPolicy(config), {
      version: 'STSv1',
      mode: 'enforce',
      mx: ['mx1.example.com', '*.mail.example.com'],
      max_age: 604_800,
      extensions: [],
    });
    assert.equal(publishedMode(config), 'enforce');
  });

  test('retiring: mode none, the old mx lines, a day (RFC 8461 §8.3)', () => {
    const config = configOf('mode: enforce\nmx: [mx1.example.com]\nmax_age: 31557600\nretire: true\n');
    assert.deepEqual(desiredPolicy(config), {
      version: 'STSv1',
      mode: 'none',
      mx: ['mx1.example.com'],
      max_age: 86_400,
      extensions: [],
    });
    assert.equal(publishedMode(config), 'none');
    assert.equal(config.mode, 'enforce');
  });

  test('is one that senders can read, in every mode', () => {
    for (const yaml of [
      'mode: none\n',
      'mode: testing\nmx: [a.example]\n',
      'mode: enforce\nmx: ["*.a.example"]\n',
      'mode: testing\nmx: [a.example]\nretire: true\n',
    ]) {
      const policy = desiredPolicy(configOf(yaml));
      const bytes = new TextEncoder().encode(renderMtaStsPolicy(policy));
      assert.deepEqual(parseMtaStsPolicy(bytes), { ok: true, value: policy, lints: [] });
    }
  });

  test('stands at the policy host (RFC 8461 §3.2)', () => {
    assert.equal(policyHost(configOf('mode: none\n').domain), 'mta-sts.example.com');
  });
});
