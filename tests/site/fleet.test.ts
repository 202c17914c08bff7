import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '#scripts/core/clock.ts';
import { siteFacts } from '#site/shared/view-models/domain-facts.ts';
import { fleetGroups, fleetRow, fleetSentence } from '#site/shared/view-models/fleet.ts';
import { fleetPages, linkedPages } from '#site/shared/view-models/fleet-pages.ts';
import { freshness } from '#site/shared/view-models/freshness.ts';
import { nameGroups } from '#site/shared/view-models/names.ts';
import { redaction } from '#site/shared/view-models/redaction.ts';
import { SETTINGS, world } from './world.ts';

const open = redaction(false);

function facts(domains: number) {
  const made = world({ domains });
  return siteFacts(made.settings, made);
}

test('the sentence says who needs someone, of whom nothing is known, and how far reports reach', () => {
  assert.equal(
    fleetSentence(facts(40)),
    '40 domains: three need someone now, nothing is known of two and the other 35 have nothing open. Reports reach to 20 November 2026.',
  );
  assert.equal(fleetSentence(facts(1)), '1 domain: one needs someone now. Reports reach to 20 November 2026.');
});

test('full agreement is told once, and not beside nothing open', () => {
  const site = facts(40);
  const cell = { state: 'agrees' as const, why: '' };
  const agreeing = (many: number) => {
    let left = many;
    const domains = site.domains.map((one) => {
      if (one.standing !== 'calm' || left-- <= 0) return one;
      return { ...one, review: { ...one.review, agreement: { mx: cell, policy: cell, dns: cell, reports: cell } } };
    });
    return fleetSentence({ ...site, domains }).replace(/\. Reports.*/, '');
  };
  const before = '40 domains: three need someone now, nothing is known of two';
  assert.equal(agreeing(35), `${before} and 35 are in full agreement`);
  assert.equal(agreeing(34), `${before}, the other 35 have nothing open and 34 are in full agreement`);
});

test('no report is never told as health', () => {
  const silent = world({ domains: 17 });
  const reports = { ...silent.reports, daily: [], failing: [], reporters: [] };
  const review = { ...world({ domains: 17 }).review, findings: [] };
  const domains = review.domains.map((one) => ({ ...one, sessions: null, last_report_day: null }));
  const none = { reports: { last_received_at: null, last_day: null }, domains: [], observations: null };
  const site = siteFacts(SETTINGS, { ...silent, reports, review: { ...review, domains, freshness: none, apart: [] } });
  assert.equal(fleetSentence(site), '17 domains: nothing is known of 17. No verified report has arrived yet.');
  assert.match(freshness(site)[0]?.text ?? '', /^None has arrived\. What senders see is not known\.$/);
  assert.deepEqual(
    fleetGroups(site.domains).map(({ name }) => name),
    ['Not known: no figures in 30 days'],
  );
  const [first] = site.domains;
  assert.ok(first);
  const row = fleetRow(first, site, open);
  assert.deepEqual([row.sessions, row.share, row.spark], [null, null, null]);
});

test('each source tells how fresh it is, and probes that never ran are not known', () => {
  assert.deepEqual(freshness(facts(40)), [
    { name: 'Reports', text: 'The newest arrived 21 November 2026, 04:12 UTC, 1 hour before. 2 domains without any.' },
    {
      name: 'Probes',
      text: 'None has run. What MX hosts, policy hosts and DNS serve is known only where senders tell.',
    },
    { name: 'Not counted', text: '3 for domains not managed here.' },
  ]);
  const made = world({ domains: 1 });
  const probed = { ...made.review.freshness, observations: '2026-11-21T05:20:00Z' as Instant };
  const site = siteFacts(SETTINGS, { ...made, review: { ...made.review, freshness: probed }, unreadable: ['a', 'b'] });
  assert.deepEqual(freshness(site).slice(1), [
    { name: 'Probes', text: 'The newest looked 21 November 2026, 05:20 UTC, 40 minutes before.' },
    { name: 'Not counted', text: '3 for domains not managed here.' },
    { name: 'Not read', text: '2 stored files of reports: damaged, so missing from every figure.' },
  ]);
});

test('what needs someone comes first, most urgent on top; then what nobody knows; then the rest by name', () => {
  const site = facts(40);
  assert.deepEqual(
    site.domains.map(({ config }) => config.domain).slice(0, 7),
    ['d00000', 'd00011', 'd00022', 'd00016', 'd00033', 'd00001', 'd00002'].map((name) => `${name}.example`),
  );
  assert.deepEqual(
    fleetGroups(site.domains).map(({ name, domains }) => [name, domains.length]),
    [
      ['Needs someone now', 3],
      ['Not known: no figures in 30 days', 2],
      ['Nothing open', 35],
    ],
  );
});

test('a row carries the figures of 30 days, its line, and the next step in words', () => {
  const site = facts(12);
  const [first] = site.domains;
  assert.ok(first);
  const row = fleetRow(first, site, open);
  assert.equal(row.name, 'd00000.example');
  assert.equal(row.mode, 'enforce');
  assert.match(row.share ?? '', /^9\d\.\d\u00a0%$/);
  assert.match(
    row.next.map(({ text }) => text).join(''),
    /Certificate expired on mx2\.d00000\.example, since 16 November\.$/,
  );
  assert.match(row.spark?.text ?? '', /^29 of 29 days with figures and failures on \d+$/);
});

test('a large fleet is read in pages that hold every domain once', () => {
  const site = facts(160);
  const pages = fleetPages(site);
  assert.deepEqual(
    pages.map(({ number, of, first, last }) => [number, of, first, last]),
    [
      [1, 4, 1, 50],
      [2, 4, 51, 100],
      [3, 4, 101, 150],
      [4, 4, 151, 160],
    ],
  );
  assert.deepEqual(
    pages.flatMap(({ domains }) => domains),
    site.domains,
  );
  assert.equal(fleetPages(facts(0)).length, 1);
});

test('a page links to its neighbours and the ends, however many there are', () => {
  const linked = (number: number, of: number) => linkedPages({ number, of, first: 1, last: 1, domains: [] });
  assert.deepEqual(linked(1, 1), [1]);
  assert.deepEqual(linked(2, 4), [1, 2, 3, 4]);
  assert.deepEqual(linked(1, 134), [1, 2, 3, null, 134]);
  assert.deepEqual(linked(60, 134), [1, null, 58, 59, 60, 61, 62, null, 134]);
});

test('names: one list while it is short, then under as few letters as keep a group short', () => {
  const groupsOf = (domains: number) =>
    nameGroups(facts(domains)).map(({ prefix, names }) => [prefix, names.length] as const);
  assert.deepEqual(groupsOf(60), [['', 60]]);
  assert.deepEqual(groupsOf(61), [['', 61]], 'they begin alike, which says nothing');
  assert.deepEqual(groupsOf(250), [
    ['d000', 100],
    ['d001', 100],
    ['d002', 50],
  ]);
});
