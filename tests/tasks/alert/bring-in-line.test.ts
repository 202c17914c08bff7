import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_ALERTS } from '#scripts/core/incidents/incident.ts';
import type { DomainName } from '#scripts/standards/domain-name.ts';
import { finding } from '../../core/incidents/world.ts';
import { FakeTracker } from '../../fakes/issue-tracker.ts';
import { AlertWorld } from '../alert-world.ts';

const D1 = '2026-11-23T10:00:00Z';
const hours = (count: number) => new Date(Date.parse(D1) + count * 3_600_000).toISOString().replace('.000', '');

test('a finding opens one issue, and the same facts change nothing', async () => {
  const world = new AlertWorld(new FakeTracker());
  assert.deepEqual((await world.run(D1, [finding('a.example')])).opened, [1]);
  const issue = world.tracker.issue(1);
  assert.deepEqual(issue.labels, ['postern', 'sev2', 'mx-cert-expired']);
  assert.deepEqual(issue.assignees, ['alice']);
  assert.match(issue.title, /a\.example.*mx-cert-expired/);
  for (const part of [
    'a.example',
    'mx-cert-expired',
    'Certificate of the MX host expired',
    '◧ MX disagree · ■ Policy agrees',
  ])
    assert.ok(issue.body.includes(part), part);
  assert.ok(issue.body.includes(finding('a.example').fingerprint));
  const writes = world.tracker.writes.length;
  for (const at of [D1, hours(1), hours(2.5)]) {
    const again = await world.run(at, [{ ...finding('a.example'), detected_at: at as never }]);
    assert.deepEqual(
      [again.opened, again.updated, again.escalated, again.closed, again.unchanged],
      [[], [], [], [], [1]],
    );
  }
  assert.equal(world.tracker.writes.length, writes, 'nothing is written for nothing');
});

test('facts are refreshed in the body without a comment; what people wrote, set and took away stays', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  const { body } = world.tracker.issue(1);
  world.tracker.edit(1, {
    title: 'Ours now',
    body: `Ticket 4711\r\n\r\n${body.replaceAll('\n', '\r\n')}\r\n\r\n- [ ] call the provider`,
    labels: ['postern', 'mx-cert-expired', 'customer'],
    assignees: ['bob'],
  });
  const result = await world.run(hours(1), [finding('a.example', { summary: 'It expired, and 12 sessions failed.' })]);
  assert.deepEqual(result.updated, [1]);
  const issue = world.tracker.issue(1);
  assert.equal(issue.title, 'Ours now');
  assert.match(issue.body, /^Ticket 4711\n\n<!-- postern:begin /);
  assert.match(issue.body, /12 sessions failed/);
  assert.match(issue.body, /- \[ \] call the provider$/);
  assert.deepEqual(
    issue.labels,
    ['postern', 'mx-cert-expired', 'customer'],
    'the label that was taken away stays away',
  );
  assert.deepEqual(issue.assignees, ['bob']);
  assert.deepEqual(world.tracker.commentsOf(1), []);
});

test('the same issue escalates: label, assignee, one mention', async () => {
  const world = new AlertWorld(new FakeTracker());
  const expiring = (severity: 'sev1' | 'sev2' | 'sev3') => [
    finding('a.example', { rule: 'mx-cert-expiring', severity }),
  ];
  await world.run(D1, expiring('sev3'));
  world.tracker.react(1, 'alice');
  assert.deepEqual((await world.run(hours(24), expiring('sev2'))).escalated, [1]);
  assert.deepEqual(world.tracker.issue(1).labels, ['postern', 'mx-cert-expiring', 'sev2']);
  assert.deepEqual(world.tracker.issue(1).assignees, ['alice', 'carol']);
  assert.deepEqual((await world.run(hours(48), expiring('sev1'))).escalated, [1]);
  assert.deepEqual((await world.run(hours(49), expiring('sev1'))).unchanged, [1]);
  assert.equal(world.tracker.all().length, 1);
  const texts = [world.tracker.issue(1).body, ...world.tracker.commentsOf(1)].join('\n');
  assert.equal(texts.match(/@carol/g)?.length, 1);
  assert.equal(texts.match(/@alice/g)?.length, 1);
  assert.equal(world.tracker.commentsOf(1).length, 2);
  // It eases and rises again: no new comment.
  await world.run(hours(50), expiring('sev2'));
  assert.deepEqual(world.tracker.issue(1).labels, ['postern', 'mx-cert-expiring', 'sev2']);
  await world.run(hours(51), expiring('sev1'));
  assert.equal(world.tracker.commentsOf(1).length, 2);
});

test('an assignee’s reaction acknowledges, a stranger’s does not', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example', { severity: 'sev1' })]);
  world.tracker.react(1, 'mallory');
  await world.run(hours(0.2), [finding('a.example', { severity: 'sev1' })]);
  assert.equal(Object.values(world.alerts.incidents)[0]?.acknowledged, null);
  world.tracker.react(1, 'Alice');
  const result = await world.run(hours(0.5), [finding('a.example', { severity: 'sev1' })]);
  assert.deepEqual(Object.values(world.alerts.incidents)[0]?.acknowledged, { at: hours(0.5), by: 'Alice' });
  assert.deepEqual(world.tracker.commentsOf(1), [], 'no comment');
  assert.deepEqual(result.reminders, []);
});

test('acknowledged is when the assignee reacted, not when a run came to see it', async () => {
  const world = new AlertWorld(new FakeTracker());
  const found = [finding('a.example', { severity: 'sev1' })];
  await world.run(D1, found);
  world.tracker.react(1, 'alice', hours(0.9));
  const late = await world.run(hours(1.5), found);
  assert.deepEqual(Object.values(world.alerts.incidents)[0]?.acknowledged, { at: hours(0.9), by: 'alice' });
  assert.deepEqual(late.escalated, [], 'in time');
  assert.deepEqual(world.tracker.commentsOf(1), []);
});

test('a promise that is near is a reminder; one that is missed calls the on-call, once', async () => {
  const world = new AlertWorld(new FakeTracker());
  const found = [finding('a.example')];
  await world.run(D1, found);
  const soon = await world.run(hours(3.5), found);
  assert.deepEqual(
    soon.reminders.map(({ number, what, standing }) => [number, what, standing]),
    [[1, 'respond', 'soon']],
  );
  assert.deepEqual(world.tracker.commentsOf(1), [], 'no state has changed');
  const missed = await world.run(hours(5), found);
  assert.deepEqual(missed.escalated, [1]);
  assert.match(world.tracker.commentsOf(1)[0] ?? '', /Escalated to the on-call.*nobody has reacted by/);
  assert.deepEqual(world.tracker.issue(1).assignees, ['alice', 'carol']);
  await world.run(hours(6), found);
  assert.equal(world.tracker.commentsOf(1).length, 1);
  const late = await world.run(hours(200), found);
  assert.deepEqual(
    late.reminders.map(({ what, standing }) => `${what} ${standing}`),
    ['respond missed', 'resolve missed'],
  );
  assert.equal(world.tracker.commentsOf(1).length, 1, 'everybody was called before');
});

test('a promise made later is near when most of its own time has passed, not of the time since it was found', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example', { severity: 'sev3' })]);
  // Ten days later, in business hours: respond within an hour.
  const near = async (after: number) =>
    (await world.run(hours(after), [finding('a.example', { severity: 'sev1' })])).reminders.map(({ what }) => what);
  assert.deepEqual(await near(168), []);
  assert.deepEqual(await near(168.5), []);
  assert.deepEqual(await near(168.8), ['respond']);
});

test('recovery: recovering is said, recovered closes with the timeline, and within 14 days the same issue opens again', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  const recovering = await world.run(hours(24), [finding('a.example', { state: 'recovering' })]);
  assert.deepEqual(recovering.updated, [1]);
  assert.match(world.tracker.commentsOf(1).join('\n'), /Recovering/);
  const closed = await world.run(hours(48), []);
  assert.deepEqual(closed.closed, [1]);
  assert.equal(world.tracker.issue(1).state, 'closed');
  assert.equal(world.tracker.issue(1).state_reason, 'completed');
  const last = world.tracker.commentsOf(1).at(-1) ?? '';
  for (const part of ['Recovered', 'detected', 'issue opened', 'recovering', 'Duration: 2 d', 'Response due'])
    assert.ok(last.includes(part), part);
  assert.deepEqual((await world.run(hours(49), [])).closed, [], 'nothing more to close');
  const back = await world.run(hours(48 + 13 * 24), [finding('a.example')]);
  assert.deepEqual([back.opened, back.reopened], [[1], [1]]);
  assert.equal(world.tracker.issue(1).state, 'open');
  await world.run(hours(500), []);
  const later = await world.run(hours(500 + 15 * 24), [finding('a.example')]);
  assert.deepEqual(later.opened, [2], 'after 14 days it is a new one');
});

test('what was not looked at has not recovered', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  world.broken = ['a.example'];
  assert.deepEqual((await world.run(hours(1), [])).closed, [], 'its file has errors');
  world.broken = [];
  world.complete = false;
  assert.deepEqual((await world.run(hours(2), [])).closed, [], 'stored data could not be read');
  world.complete = true;
  world.configured = ['b.example'];
  await world.run(hours(3), []);
  assert.match(world.tracker.commentsOf(1).join(), /No longer managed/);
});

test('a person’s close as not planned stands until the severity rises', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  world.tracker.edit(1, { state: 'closed', state_reason: 'not_planned', closed_at: hours(1) });
  for (const at of [hours(2), hours(100), hours(1000)]) {
    const result = await world.run(at, [finding('a.example')]);
    assert.deepEqual([result.opened, result.unchanged], [[], [1]], at);
  }
  const risen = await world.run(hours(1001), [finding('a.example', { severity: 'sev1' })]);
  assert.deepEqual(risen.opened, [1]);
  assert.match(world.tracker.commentsOf(1).join(), /severity rose from sev2 to sev1/);
});

test('a person’s close as completed is believed for two days', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  world.tracker.edit(1, { state: 'closed', state_reason: 'completed', closed_at: hours(1) });
  assert.deepEqual((await world.run(hours(2), [finding('a.example')])).opened, []);
  assert.deepEqual((await world.run(hours(48), [finding('a.example')])).opened, []);
  assert.deepEqual((await world.run(hours(49), [finding('a.example', { state: 'recovering' })])).opened, []);
  assert.deepEqual((await world.run(hours(49), [finding('a.example')])).opened, [1]);
  assert.equal(world.tracker.all().length, 1);
});

test('snooze by label or by comment keeps quiet until the day; a stranger cannot', async () => {
  const world = new AlertWorld(new FakeTracker());
  const found = [finding('a.example')];
  await world.run(D1, found);
  world.tracker.say(1, 'mallory', '/snooze 2099-01-01', false);
  await world.run(hours(1), found);
  assert.equal(Object.values(world.alerts.incidents)[0]?.snoozed, null);
  world.tracker.edit(1, { labels: [...world.tracker.issue(1).labels, 'snooze:2026-12-01'] });
  await world.run(hours(2), found);
  await world.run(hours(50), found);
  assert.equal(world.tracker.commentsOf(1).length, 2, 'mallory’s, and ours that it is snoozed');
  assert.match(world.tracker.commentsOf(1)[1] ?? '', /Snoozed.*2026-12-01/);
  await world.run('2026-12-01T00:10:00Z', found);
  assert.match(world.tracker.commentsOf(1)[2] ?? '', /snooze is over/);

  const other = new AlertWorld(new FakeTracker());
  await other.run(D1, found);
  other.tracker.say(1, 'alice', 'Known.\n\n/snooze 2026-12-01');
  await other.run(hours(2), found);
  assert.equal(Object.values(other.alerts.incidents)[0]?.snoozed?.until, '2026-12-01');
  const risen = await other.run(hours(3), [finding('a.example', { severity: 'sev1' })]);
  assert.deepEqual(risen.escalated, [1], 'a higher severity wakes');
});

test('a stranger’s copy of a marker is nothing; ours is known again after a lost checkpoint', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  const copy = world.tracker.strange('mallory', world.tracker.issue(1).body);
  world.alerts = NO_ALERTS;
  const result = await world.run(hours(1), [finding('a.example')]);
  assert.deepEqual([result.opened, result.unchanged], [[], [1]]);
  await world.run(hours(2), []);
  assert.equal(world.tracker.issue(copy).state, 'open');
  assert.equal(world.tracker.issue(1).state, 'closed');
  assert.deepEqual(world.tracker.commentsOf(copy), []);
});

test('another token keeps the recorded numbers', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  world.tracker.login = 'another[bot]';
  assert.deepEqual((await world.run(hours(1), [finding('a.example')])).unchanged, [1]);
  world.tracker.edit(1, { body: 'A person removed everything.' });
  await world.run(hours(2), [finding('a.example')]);
  assert.match(world.tracker.issue(1).body, /^A person removed everything\.\n\n<!-- postern:begin /);
  assert.equal(world.tracker.all().length, 1);
});

test('one cause on five domains is one issue, also when it was several before', async () => {
  const world = new AlertWorld(new FakeTracker());
  const names = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];
  await world.run(D1, [finding('a.example'), finding('b.example')]);
  const grouped = names.map((name) => finding(name, { incident: 'expired:mx.shared.example' }));
  const result = await world.run(hours(1), grouped);
  assert.deepEqual(result.closed, [2]);
  assert.deepEqual(result.updated, [1]);
  assert.match(world.tracker.commentsOf(2).join(), /Merged\*\* into #1/);
  for (const name of names) assert.ok(world.tracker.issue(1).body.includes(name), name);
  const alone = finding('x', { domain: null, domains: names as unknown as readonly DomainName[], fingerprint: 'one' });
  const other = new AlertWorld(new FakeTracker());
  await other.run(D1, [alone]);
  for (const name of names)
    assert.ok(other.tracker.issue(1).title.includes('a.example') && other.tracker.issue(1).body.includes(name));
});

test('at most ten new issues a run; the rest is listed in one more', async () => {
  const world = new AlertWorld(new FakeTracker());
  const many = Array.from({ length: 25 }, (_, index) => finding(`d${index}.example`));
  const first = await world.run(D1, many);
  assert.equal(first.opened.length, 11);
  const overflow = world.tracker.issue(11);
  assert.match(overflow.title, /More findings/);
  assert.equal(overflow.body.match(/^- `d\d+\.example` `mx-cert-expired`/gm)?.length, 15);
  assert.deepEqual((await world.run(hours(1), many)).opened.length, 10);
  const last = await world.run(hours(2), many);
  assert.equal(last.opened.length, 5);
  assert.deepEqual(last.closed, [11]);
  assert.equal(world.tracker.all().filter(({ state }) => state === 'open').length, 25);
  assert.equal((await world.run(hours(2.5), many)).unchanged.length, 25);
});

test('two of our own tasks are told apart by their titles', async () => {
  const world = new AlertWorld(new FakeTracker());
  const of = (rule: string, name: string) =>
    finding('-', {
      rule,
      domain: null,
      domains: [],
      subject: { ...finding('-').subject, kind: 'task', name, mx: null },
      fingerprint: `${rule}/-/task:${name}/-`,
    });
  await world.run(D1, [
    of('automation-stale', 'ingest'),
    of('automation-stale', 'probe'),
    of('reports-unparsed', 'dkim'),
  ]);
  assert.deepEqual(
    world.tracker
      .all()
      .map(({ title }) => title)
      .sort(),
    [
      'One of our own tasks has not run: ingest (automation-stale)',
      'One of our own tasks has not run: probe (automation-stale)',
      'Reports without a valid signature (reports-unparsed)',
    ],
  );
});

test('two senders of the same trouble are told apart by their titles, whatever they call themselves', async () => {
  const world = new AlertWorld(new FakeTracker());
  const of = (name: string) =>
    finding('a.example', {
      rule: 'reports-silent',
      subject: { ...finding('a.example').subject, kind: 'reporter', name, mx: null },
      fingerprint: `reports-silent/a.example/reporter:${name}/-`,
    });
  await world.run(D1, [of('google.com'), of('@mallory closes #1')]);
  const titles = world.tracker.all().map(({ title }) => title);
  assert.ok(titles.includes('a.example: Reports have stopped: google.com (reports-silent)'), titles.join('\n'));
  assert.equal(titles.filter((title) => /@mallory|#1\b/.test(title)).length, 0, titles.join('\n'));
});

test('a copy of ours is merged into the lower number, and spoken of no more', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  const copy = world.tracker.strange(world.tracker.login, world.tracker.issue(1).body);
  assert.deepEqual((await world.run(hours(1), [finding('a.example')])).closed, [copy]);
  const after = await world.run(hours(2), [finding('a.example')]);
  assert.deepEqual([after.closed, after.unchanged], [[], [1]]);
});

test('a known sender issue closes its issue with a word', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  assert.deepEqual((await world.run(hours(1), [finding('a.example', { state: 'filtered' })])).closed, [1]);
  assert.match(world.tracker.commentsOf(1).join(), /Set aside/);
  assert.deepEqual((await world.run(hours(2), [finding('a.example', { state: 'filtered' })])).closed, []);
});

test('a person who opens it again keeps it open', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  await world.run(hours(1), []);
  world.tracker.edit(1, { state: 'open', closed_at: null });
  for (const at of [hours(2), hours(3)]) assert.deepEqual((await world.run(at, [])).closed, []);
  await world.run(hours(4), [finding('a.example')]);
  assert.deepEqual((await world.run(hours(5), [])).closed, [1], 'its finding came back and went');
});

test('a dry run says what it would do and does nothing', async () => {
  const world = new AlertWorld(new FakeTracker());
  const result = await world.run(D1, [finding('a.example')], true);
  assert.deepEqual(
    result.actions.map(({ kind }) => kind),
    ['open'],
  );
  assert.deepEqual([world.tracker.writes, world.alerts], [[], NO_ALERTS]);
});

test('an issue that was deleted is made anew', async () => {
  const world = new AlertWorld(new FakeTracker());
  await world.run(D1, [finding('a.example')]);
  world.tracker.remove(1);
  assert.deepEqual((await world.run(hours(1), [finding('a.example')])).opened, [2]);
});
