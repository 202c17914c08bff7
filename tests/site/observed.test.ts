import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observed } from '#site/shared/view-models/observed.ts';
import { redaction } from '#site/shared/view-models/redaction.ts';
import { EXAMPLE_CLOCK } from '#tests/example/domains.ts';
import { exampleObservations } from '#tests/example/observations.ts';

const rows = await exampleObservations(EXAMPLE_CLOCK);
const spansOf = (domain: string) =>
  rows.filter((row) => row.domain === domain).map((row) => ({ ...row, first: row.at, looks: 1 }));
const seen = (domain: string) => observed(spansOf(domain), EXAMPLE_CLOCK, redaction(false));

test('the page shows what the rules of the probe write down, record by record', () => {
  const { dns, hosts, dane } = seen('example.com');
  assert.deepEqual(
    dns.map(({ what, details }) => [what, ...details]),
    [
      ['MX records', '10 mx1.example.com', '10 mx2.example.com'],
      ['MTA-STS record', 'v=STSv1; id=20260720090600;'],
      ['TLS-RPT record', 'v=TLSRPTv1; rua=mailto:tls-reports@organisation.example'],
      ['CAA records', '0 issue "letsencrypt.org"'],
    ],
  );
  assert.deepEqual(
    hosts.map(({ subject, tls, certificate }) => [subject, tls, certificate?.left, certificate?.chain.length]),
    [
      ['mx1.example.com', 'TLSv1.3', 'in 61 days', 2],
      ['mx2.example.com', 'TLSv1.3', 'in 80 days', 2],
      ['mta-sts.example.com', 'TLSv1.3', 'in 46 days', 1],
    ],
  );
  assert.deepEqual(
    dane.map(({ subject, verdict }) => `${subject} ${verdict}`),
    ['mx1.example.com matches', 'mx2.example.com matches'],
  );
});

test('an alias is shown with where it leads; a name that is none, and records that nobody made, are said in a word', () => {
  const moved = spansOf('example.net').map((row) =>
    row.kind === 'cname' && row.subject.startsWith('mta-sts.')
      ? { ...row, facts: { aliases: ['hosted.example'] } }
      : row,
  );
  const { dns } = observed(moved, EXAMPLE_CLOCK, redaction(false));
  const aliases = dns.filter(({ what }) => what === 'Alias').map(({ subject, details }) => [subject, ...details]);
  assert.deepEqual(aliases, [['mta-sts.example.net', 'hosted.example']]);
  assert.equal(seen('example.org').dns.find(({ what }) => what === 'CAA records')?.verdict, 'none: any CA may issue');
});
