import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDomains } from '#scripts/core/analysis/review.ts';
import { instantOf } from '#scripts/core/clock.ts';
import { PLAYBOOK_RULES, playbookEntry } from '#scripts/core/findings/playbook.ts';
import { foldLedger, type Ledger } from '#scripts/core/policy/versions/ledger.ts';
import type { LedgerEvent } from '#scripts/core/policy/versions/ledger-event.ts';
import type { Standing } from '#scripts/core/probe/standing.ts';
import { policy, published } from '../../policy/ledger-events.ts';
import { found, inForce, inShort, LOOK, MX_SET, reviewSeen, saw } from '../probe-world.ts';
import { config, DOMAIN, domainName, fails, NOW, only, pattern, says, view } from '../world.ts';

const ENFORCE = { changes: { mode: 'enforce' as const } };

/** Where a probe would see a fault of this rule. */
function seenAs(rule: string): Standing | null {
  const host = { subject: `mta-sts.${DOMAIN}` };
  if (
    /^(?:anomaly|reports|coverage|probe-blocked|automation|rollout|domain-expiring|id-reused|mx-unreachable|mx-backup)/.test(
      rule,
    )
  )
    return null;
  if (/^(?:mx-not-covered|mx-changed)$/.test(rule))
    return saw(rule, { kind: 'mx-set', subject: DOMAIN, address: null, facts: { mx: ['mx1.example.com'] } });
  if (/^(?:mx-null|pattern-)/.test(rule)) return saw(rule, { kind: 'mx-set', subject: DOMAIN, address: null });
  if (rule.startsWith('mx-')) return saw(rule);
  if (rule === 'caa-blocks') return saw(rule, { kind: 'caa', ...host, address: null });
  if (rule === 'dangling-cname') return saw(rule, { kind: 'cname', ...host, address: null });
  if (rule.startsWith('policy-')) return saw(rule, { kind: 'policy', ...host });
  if (/^(?:txt-|out-of-sync)/.test(rule))
    return saw(rule, { kind: 'txt', subject: `_mta-sts.${DOMAIN}`, address: null });
  if (rule.startsWith('tlsrpt-')) return saw(rule, { kind: 'tlsrpt', subject: `_smtp._tls.${DOMAIN}`, address: null });
  if (/^(?:tlsa|dnssec|dns-lame)/.test(rule) && rule !== 'tlsa-invalid' && rule !== 'dnssec-invalid')
    return saw(rule, { kind: 'dane', address: null });
  return null;
}

test('every probe fault of the playbook becomes a finding with the severity of the mode in force, or none', () => {
  let tried = 0;
  for (const rule of PLAYBOOK_RULES) {
    const standing = seenAs(rule);
    if (standing === null) continue;
    tried++;
    for (const mode of ['testing', 'enforce'] as const) {
      const findings = found([standing, MX_SET], { changes: { mode } });
      const column = playbookEntry(rule)?.severity[mode] ?? null;
      if (rule.endsWith('-cert-expiring')) assert.equal(only(findings).severity, 'sev3', rule);
      else if (column === null) assert.deepEqual(findings, [], rule);
      else
        assert.deepEqual(
          findings.map((one) => [one.rule, one.severity]),
          [[rule, rule === 'mx-changed' ? 'sev2' : column]],
          `${rule} ${mode}`,
        );
    }
  }
  assert.ok(tried > 40, `${tried}`);
});

test('the ledger decides the mode, not what the file asks for', () => {
  const fault = [saw('mx-cert-expired')];
  assert.equal(only(found(fault, { ...ENFORCE, ledger: inForce('testing') })).severity, 'sev2');
  assert.equal(only(found(fault, { ledger: inForce('enforce') })).severity, 'sev1');
});

test('a fault at the backup alone is latent, and says so in the same incident', () => {
  const backup = saw('mx-cert-expired', { subject: 'mx2.example.com' });
  const findings = found([backup, saw('ok'), MX_SET], ENFORCE);
  assert.deepEqual(inShort(findings), [
    'mx-backup-only sev2 open mx2.example.com',
    'mx-cert-expired sev2 open mx2.example.com',
  ]);
  assert.equal(new Set(findings.map(({ incident }) => incident)).size, 1);
  assert.notEqual(findings[0]?.incident, null);
  assert.deepEqual(inShort(found([backup, saw('mx-cert-expired'), MX_SET], ENFORCE)), [
    'mx-cert-expired sev1 open mx1.example.com',
    'mx-cert-expired sev2 open mx2.example.com',
  ]);
});

test('unreachable takes two vantages; one only leaves a gap, and what is blocked says nothing', () => {
  const refused = (vantage: string, code = 'connect-refused') => saw(code, { vantage, outcome: 'unknown' });
  assert.deepEqual(inShort(found([refused('home')])), ['coverage-gap sev3 open example.com']);
  assert.deepEqual(inShort(found([refused('home'), refused('away', 'connect-timeout')], ENFORCE)), [
    'mx-unreachable sev2 open mx1.example.com',
  ]);
  assert.deepEqual(inShort(found([refused('home'), refused('away', 'probe-blocked')])), [
    'coverage-gap sev3 open example.com',
  ]);
  assert.match(
    found([refused('home'), refused('away', 'probe-blocked')])[0]?.summary ?? '',
    /: 1 of the checks/,
    'missed by two, and one check all the same',
  );
  assert.deepEqual(found([refused('home'), saw('ok', { vantage: 'away' })]), [], 'another vantage sees it');
  assert.deepEqual(
    found([refused('home'), saw('ok', { at: '2026-11-20T12:00:00Z', last_look: LOOK })]),
    [],
    'seen sound today',
  );
});

test('recovery: two sound looks at least an hour apart', () => {
  const table: Readonly<Record<string, readonly [state: string | null, cleared: readonly [number, string, string]]>> = {
    'one sound look': ['recovering', [1, '2026-11-21T04:00:00Z', '2026-11-21T04:00:00Z']],
    'two within the hour': ['recovering', [2, '2026-11-21T04:00:00Z', '2026-11-21T04:59:00Z']],
    'two an hour apart': [null, [2, '2026-11-21T04:00:00Z', '2026-11-21T05:00:00Z']],
  };
  for (const [situation, [state, cleared]] of Object.entries(table)) {
    const findings = found([saw('mx-no-starttls', { at: '2026-11-20T05:00:00Z', last_look: cleared[2], cleared })]);
    assert.deepEqual(
      findings.map((one) => one.state),
      state === null ? [] : [state],
      situation,
    );
  }
});

test('a certificate behind a handshake that fails is not known to be mended', () => {
  const expired = saw('mx-cert-expired', {
    at: '2026-11-20T05:00:00Z',
    last_look: LOOK,
    cleared: [9, '2026-11-20T06:00:00Z', LOOK],
  });
  const later = saw('mx-handshake', { since: '2026-11-21T02:00:00Z' });
  assert.deepEqual(inShort(found([expired, later])), ['mx-handshake sev2 open mx1.example.com'], 'seen gone before');
  const hiding = saw('mx-handshake', { since: '2026-11-20T06:00:00Z' });
  assert.deepEqual(inShort(found([expired, hiding])), [
    'mx-cert-expired sev2 open mx1.example.com',
    'mx-handshake sev2 open mx1.example.com',
  ]);
});

test('a certificate that was about to end and has ended is not seen sound', () => {
  const expiring = saw('mx-cert-expiring', {
    at: '2026-11-20T05:00:00Z',
    last_look: LOOK,
    cleared: [1, '2026-11-21T05:00:00Z', LOOK],
  });
  const expired = saw('mx-cert-expired', { since: '2026-11-21T05:00:00Z' });
  assert.deepEqual(inShort(found([expiring, expired])), ['mx-cert-expired sev2 open mx1.example.com']);
});

test('what is no longer there has no fault: an address, a host', () => {
  const old = saw('mx-no-starttls', { at: '2026-11-19T05:00:00Z', address: '192.0.2.9' });
  assert.deepEqual(found([old, saw('ok')]), [], 'the address is gone');
  const host = saw('mx-no-starttls', { at: '2026-11-19T05:00:00Z', subject: 'old.example.com' });
  assert.deepEqual(found([host, MX_SET]), [], 'the host is no MX any more');
  const on = { kind: 'policy' as const, subject: `mta-sts.${DOMAIN}` };
  const nameless = saw('policy-host-dns', { ...on, at: '2026-11-21T03:00:00Z', address: null });
  assert.equal(found([nameless]).length, 1);
  assert.deepEqual(found([nameless, saw('ok', on)]), [], 'the policy host has addresses again');
});

test('expiry by the lifetime of the certificate, also between two looks', () => {
  const valid = (not_after: string) =>
    saw('ok', { facts: { certificate: { serial: '0a', not_before: '2026-09-01T00:00:00Z', not_after } } });
  assert.deepEqual(found([valid('2027-03-01T00:00:00Z')]), []);
  assert.deepEqual(inShort(found([valid('2026-12-10T00:00:00Z')])), ['mx-cert-expiring sev3 open mx1.example.com']);
  const critical = only(found([valid('2026-11-25T00:00:00Z')], ENFORCE));
  assert.equal(critical.severity, 'sev1');
  assert.match(critical.summary, /A renewal was due on .* and did not happen/);
});

test('a host of several domains is one finding without a domain; the same certificate elsewhere is the same incident', () => {
  const names = ['a.example', 'b.example', 'c.example'];
  const certificate = {
    serial: '0a',
    sha256: 'ab'.repeat(32),
    not_before: '2026-08-01T00:00:00Z',
    not_after: '2026-11-20T00:00:00Z',
  };
  const standings = names.map((domain) =>
    saw('mx-cert-expired', { domain, subject: 'mx.shared.example', facts: { certificate } }),
  );
  const other = saw('mx-cert-expired', { domain: 'd.example', subject: 'mx.d.example', facts: { certificate } });
  const domains = [...names, 'd.example'].map((name) =>
    config({ domain: domainName(name), mx: [pattern('mx.shared.example')] }),
  );
  const { findings } = reviewDomains({ domains, reports: view([]), now: NOW, standings: [...standings, other] });
  assert.deepEqual(
    findings.map(({ domain, domains: all }) => [domain, all]),
    [
      ['d.example', ['d.example']],
      [null, names],
    ].sort((a, b) => Number(a[0] !== null) - Number(b[0] !== null)),
  );
  assert.deepEqual(new Set(findings.map(({ incident }) => incident)), new Set([`certificate:${'ab'.repeat(32)}`]));
});

test('attribution: a probe that agrees makes it ours or the provider’s, green ones and clean others the sender’s', () => {
  const TYPE = 'starttls-not-supported';
  const actorOf = (standings: readonly Standing[], said: Parameters<typeof view>[0], changes = {}) =>
    found(standings, { changes, said }).find(({ subject }) => subject.result_type === TYPE)?.actor;
  const one = fails('a.example', TYPE);
  const clean = says('b.example', 100);
  const fault = saw('mx-no-starttls', { at: '2026-11-18T05:00:00Z', since: '2026-11-18T05:00:00Z', last_look: LOOK });
  assert.equal(actorOf([fault], [one, clean]), 'you');
  assert.equal(actorOf([saw('mx-cert-expired')], [one, clean]), 'sender', 'another fault explains nothing');
  assert.equal(actorOf([saw('ok'), saw('ok', { vantage: 'away' })], [one, clean]), 'sender');
  assert.equal(actorOf([saw('ok'), saw('ok', { vantage: 'away' })], [one, fails('c.example', TYPE), clean]), 'unknown');
  const outlook = 'example-com.mail.protection.outlook.com';
  const theirs = { ...fault, subject: outlook };
  assert.equal(
    actorOf([theirs], [fails('a.example', TYPE, outlook), fails('b.example', TYPE, outlook)], {
      mx: [pattern(outlook)],
    }),
    'provider',
  );
});

test('a confirmed failure has the full severity and the incident of what the probe saw', () => {
  const fault = saw('mx-no-starttls', { at: '2026-11-18T05:00:00Z', last_look: LOOK });
  const findings = found([fault], {
    ...ENFORCE,
    said: [fails('a.example', 'starttls-not-supported'), says('b.example', 100)],
  });
  assert.deepEqual(inShort(findings), [
    'mx-no-starttls sev1 open mx1.example.com',
    'starttls-not-supported sev1 open mx1.example.com',
  ]);
  assert.equal(new Set(findings.map(({ incident }) => incident)).size, 1);
});

test('the state and the mark of agreement come from what is seen and published', () => {
  const sound = [saw('ok'), MX_SET, saw('ok', { kind: 'policy', subject: `mta-sts.${DOMAIN}` })];
  const { domains } = reviewSeen(sound, { ledger: inForce('testing'), ...ENFORCE });
  const review = only(domains);
  assert.equal(review.state, 'testing');
  assert.deepEqual(
    [review.agreement.mx.state, review.agreement.policy.state, review.agreement.dns.state],
    ['agrees', 'agrees', 'agrees'],
  );
  assert.deepEqual([review.observations?.ok, review.observations?.bad, review.versions[0]?.pull_request], [3, 0, 7]);
  const missing = saw('txt-missing', { kind: 'txt', subject: `_mta-sts.${DOMAIN}`, address: null });
  assert.equal(only(reviewSeen([missing]).domains).state, 'absent');
  assert.equal(
    only(reviewSeen([missing, saw('ok', { kind: 'tlsrpt', subject: `_smtp._tls.${DOMAIN}`, address: null })]).domains)
      .state,
    'reporting',
  );
});

test('a rollout that does not move for more than 30 days is told, and what is not met stands in the way', () => {
  const { findings, rollouts } = reviewSeen([saw('ok'), MX_SET], { ledger: inForce('testing') });
  assert.deepEqual(
    findings.map(({ rule, since }) => [rule, since]),
    [['rollout-stalled', '2026-10-01']],
  );
  assert.ok(only(rollouts).blocked_by.some((text) => text.includes('No verified report has arrived')));
});

const HEX = '0123456789abcdef';
/** What mx1 presents at one of its addresses; the letter tells certificates apart. */
const presents = (letter: string, until: string, issuer = 'e') => ({
  certificate: {
    serial: letter,
    sha256: letter.repeat(64),
    spki_sha256: letter.repeat(64),
    issuer: 'CN=Issuer',
    not_before: '2026-09-01T00:00:00Z',
    not_after: `${until}T00:00:00Z`,
  },
  chain: [{ spki_sha256: issuer.repeat(64) }],
});
const said = (findings: ReturnType<typeof found>) => {
  const { summary, evidence } = only(findings);
  return [summary, ...evidence.slice(1).map(({ text }) => text)];
};
const elsewhere = (facts: Readonly<Record<string, unknown>>, code = 'ok') => saw(code, { address: '192.0.2.2', facts });

test('a certificate near its end: whether a newer one is in use at another address', () => {
  const ending = saw('mx-cert-expiring', { facts: presents('a', '2026-11-30') });
  const renewed = elsewhere(presents('b', '2027-02-20'));
  const [summary, ...evidence] = said(found([ending, renewed]));
  assert.match(summary ?? '', /A newer certificate was issued and is in use, but not at every address\.$/);
  assert.deepEqual(evidence, [
    'mx1.example.com [192.0.2.2] presents a newer certificate, until 2027-02-20: it was issued.',
  ]);
  assert.match(
    only(found([ending, renewed])).action,
    /^The renewal ran.* install the certificate that mx1\.example\.com \[192\.0\.2\.2\] presents .* on mx1\.example\.com \[192\.0\.2\.1\] too/,
  );
  const third = saw('ok', { address: '192.0.2.3', facts: presents('c', '2027-01-30') });
  assert.doesNotMatch(only(found([ending, renewed, third])).action, /192\.0\.2\.3/, 'one that is sound is left alone');
  assert.match(only(found([ending])).action, /^Find out why the renewal/);
  assert.match(said(found([ending]))[0] ?? '', /A renewal was due on .* and did not happen/);
  const other = elsewhere(presents('b', '2026-12-01'), 'mx-cert-expiring');
  assert.match(said(found([ending, other]))[0] ?? '', /did not happen/, 'one that ends a day later is no renewal');
  const gone = saw('ok', { address: '192.0.2.2', facts: presents('b', '2027-02-20'), at: '2026-11-20T05:00:00Z' });
  assert.match(said(found([ending, gone]))[0] ?? '', /did not happen/, 'an address that is gone has no say');
});

test('an expired certificate at one address: the newer one elsewhere is told', () => {
  const expired = saw('mx-cert-expired', { facts: presents('a', '2026-11-01') });
  assert.deepEqual(said(found([expired, elsewhere(presents('b', '2027-02-20'))])).slice(1), [
    'mx1.example.com [192.0.2.2] presents a newer certificate, until 2027-02-20: it was issued.',
  ]);
});

test('members of a pool that differ are named beside a fault of one of them', () => {
  const wrong = saw('mx-cert-name', { facts: presents('a', '2027-01-01') });
  assert.deepEqual(said(found([wrong, elsewhere(presents('b', '2027-02-20'))])).slice(1), [
    'The addresses of mx1.example.com present different certificates: mx1.example.com [192.0.2.1] until 2027-01-01, mx1.example.com [192.0.2.2] until 2027-02-20.',
  ]);
  assert.deepEqual(said(found([wrong, elsewhere(presents('a', '2027-01-01'))])).slice(1), []);
});

test('a new intermediate that a TLSA record of usage 2 does not fit', () => {
  const pin = `2 1 1 ${'e'.repeat(64)}`;
  const mismatch = saw('tlsa-mismatch', { kind: 'dane', facts: { records: [pin, `3 1 1 ${HEX.repeat(4)}`] } });
  const after = [mismatch, elsewhere(presents('b', '2027-02-20', 'd'))];
  assert.deepEqual(said(found(after)).slice(1), [
    `An address of mx1.example.com sends no certificate with the key of ${pin}.`,
  ]);
  assert.match(
    only(found(after)).action,
    new RegExp(
      `another intermediate.* \`_25\\._tcp\\.mx1\\.example\\.com\\. IN TLSA 3 1 1 ${'b'.repeat(64)}\` for the key in use`,
    ),
  );
  const fits = found([mismatch, elsewhere(presents('b', '2027-02-20', 'e'))]);
  assert.deepEqual(said(fits).slice(1), []);
  assert.doesNotMatch(only(fits).action, /intermediate/);
});

test('what a first version has not brought about yet is no fault, for a week', () => {
  const since = (days: number, event: 'minted' | 'announced' = 'minted') => {
    const [begun, , announced] = published(
      instantOf(Date.parse(NOW) - days * 86_400_000),
      policy('testing', 'mx1.example.com'),
    );
    return foldLedger(
      [begun, announced].filter(
        (one) => one !== undefined && (one.event === 'minted' || one.event === event),
      ) as LedgerEvent[],
    );
  };
  const host = { kind: 'policy', subject: `mta-sts.${DOMAIN}` } as const;
  const seen = [
    saw('policy-host-dns', { ...host, address: null }),
    saw('policy-cert-name', host),
    saw('txt-missing', { kind: 'txt', subject: `_mta-sts.${DOMAIN}`, address: null }),
    saw('tlsrpt-missing', { kind: 'tlsrpt', subject: `_smtp._tls.${DOMAIN}`, address: null }),
    saw('txt-id-unknown', { kind: 'txt', subject: `_mta-sts.${DOMAIN}`, address: null }),
    saw('mx-cert-expired'),
  ];
  const rules = (ledger: Ledger) =>
    found(seen, { ledger })
      .map(({ rule }) => rule)
      .sort();
  const all = seen.map(({ code }) => code).sort();
  assert.deepEqual(rules(since(6.9)), ['mx-cert-expired', 'txt-id-unknown']);
  assert.deepEqual(rules(since(7)), all);
  assert.deepEqual(rules(since(1, 'announced')), all);
  assert.deepEqual(rules(foldLedger([])), all);
});

test('what to do follows the reason that the probe saw; where several were seen, each; where one is not known, the rule', () => {
  const reason = (word: string | null, address: string) => saw('mx-cert-chain', { address, facts: { reason: word } });
  const action = (...standings: readonly Standing[]) => only(found([...standings, MX_SET], {})).action;
  const general = action(reason('missing-intermediate', '192.0.2.1'));
  assert.match(general, /^Configure leaf and intermediates/);
  const selfSigned = action(reason('self-signed', '192.0.2.1'));
  assert.match(selfSigned, /^Replace the self-signed certificate on every address of mx1\.example\.com /);
  const both = action(reason('self-signed', '192.0.2.1'), reason('wrong-usage', '192.0.2.2'));
  assert.ok(both.startsWith('Replace the self-signed') && /serverAuth/.test(both), both);
  for (const word of ['missing-intermediate', 'constructor', null])
    assert.equal(action(reason('self-signed', '192.0.2.1'), reason(word, '192.0.2.2')), general);
});

test('what lies beyond the limits of a look is a gap, however sound the rest is', () => {
  const unknown = (code: string, changes: Parameters<typeof saw>[1]) => saw(code, { outcome: 'unknown', ...changes });
  const rest = [saw('ok'), MX_SET];
  assert.deepEqual(found(rest), []);
  for (const one of [
    unknown('not-all-addresses', { address: null }),
    unknown('not-all-hosts', { kind: 'mx-set', subject: DOMAIN, address: null }),
    unknown('not-all-servers', { kind: 'mx-set', subject: DOMAIN, address: null }),
  ])
    assert.deepEqual(inShort(found([...rest, one])), ['coverage-gap sev3 open example.com'], one.code);
  assert.deepEqual(found([...rest, unknown('budget', { address: null })]), []);
});
