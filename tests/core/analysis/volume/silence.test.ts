import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addDays, dayOf } from '#scripts/core/clock.ts';
import type { DomainConfig } from '#scripts/core/config/types.ts';
import { instant, onDays, reviewOf, type Said, span } from '../world.ts';

/** Reports up to 2026-11-19 are complete at the moment of the review, 2026-11-21 06:00. */
const FROM = '2026-10-01';

function daily(reporter: string, to: string, from = FROM): readonly Said[] {
  return onDays(span(from, to), { reporter, successful: 100 });
}

function onWeekdays(reporter: string, to: string): readonly Said[] {
  return daily(reporter, to).filter((said) => ![0, 6].includes(new Date(`${said.day}T00:00:00Z`).getUTCDay()));
}

function silent(said: readonly Said[], changes: Partial<DomainConfig> = {}, now?: string): readonly string[] {
  const review = now === undefined ? reviewOf(said, changes) : reviewOf(said, changes, instant(now));
  return review.findings
    .filter(({ rule }) => rule === 'reports-silent')
    .map(({ subject }) => subject.reporter ?? 'all');
}

test('who is missed, and who is not', () => {
  const table: readonly (readonly [
    situation: string,
    said: readonly Said[],
    missed: readonly string[],
    changes?: Partial<DomainConfig>,
  ])[] = [
    ['never a report: not known, nothing to miss', [], []],
    [
      'one goes on under another name',
      [
        ...daily('a.example', '2026-11-12'),
        ...daily('new.example', '2026-11-20', '2026-11-13'),
        ...daily('b.example', '2026-11-20'),
      ],
      [],
    ],
    [
      'one goes on under the name that it had before',
      [
        ...daily('a.example', '2026-10-10'),
        ...daily('a.example', '2026-11-20', '2026-11-13'),
        ...daily('new.example', '2026-11-12', '2026-10-11'),
        ...daily('b.example', '2026-11-20'),
      ],
      [],
    ],
    [
      'one stops as another is back from a week without reports',
      [
        ...daily('a.example', '2026-11-05'),
        ...daily('a.example', '2026-11-20', '2026-11-13'),
        ...daily('c.example', '2026-11-12'),
        ...daily('b.example', '2026-11-20'),
      ],
      ['c.example'],
    ],
    ['everyone reports', [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-20')], []],
    [
      'the report of yesterday is not there yet',
      [...daily('a.example', '2026-11-19'), ...daily('b.example', '2026-11-19')],
      [],
    ],
    ['two complete days without any', [...daily('a.example', '2026-11-17'), ...daily('b.example', '2026-11-17')], []],
    [
      'three complete days without any',
      [...daily('a.example', '2026-11-16'), ...daily('b.example', '2026-11-16')],
      ['all'],
    ],
    [
      'one quiet for three complete days',
      [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-16')],
      [],
    ],
    [
      'one quiet for four complete days',
      [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-15')],
      ['b.example'],
    ],
    [
      'one that reported on six days only',
      [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-06', '2026-11-01')],
      [],
    ],
    [
      'one that reported on seven',
      [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-07', '2026-11-01')],
      ['b.example'],
    ],
    [
      'one quiet while others are hardly heard either',
      [
        ...daily('a.example', '2026-11-12'),
        ...onDays(['2026-11-17', '2026-11-18', '2026-11-19'], { reporter: 'a.example', successful: 10 }),
        ...daily('b.example', '2026-11-12'),
      ],
      [],
    ],
    [
      'both quiet, one for longer',
      [...daily('a.example', '2026-11-16'), ...daily('b.example', '2026-11-01')],
      ['all', 'b.example'],
    ],
    ['one report ever, long ago', onDays(['2026-11-01'], { reporter: 'a.example', successful: 3 }), ['all']],
    [
      'the same, for a domain of low volume',
      onDays(['2026-11-01'], { reporter: 'a.example', successful: 3 }),
      [],
      { volume: 'low' },
    ],
    [
      'a domain that hears once a week',
      onDays(['2026-10-12', '2026-10-19', '2026-10-26', '2026-11-02', '2026-11-09', '2026-11-16'], {
        reporter: 'a.example',
        successful: 3,
      }),
      [],
    ],
    [
      'a reporter that reports once a week',
      [
        ...daily('a.example', '2026-11-20'),
        ...onDays(['2026-10-05', '2026-10-12', '2026-10-19', '2026-10-26', '2026-11-02', '2026-11-09', '2026-11-13'], {
          reporter: 'b.example',
          successful: 3,
        }),
      ],
      [],
    ],
  ];
  for (const [situation, said, missed, changes] of table)
    assert.deepEqual([...silent(said, changes)].sort(), missed, situation);
});

test('a healthy domain is never called silent, at no hour of any day, reports coming as late as they may', () => {
  for (let hour = 0; hour < 24 * 14; hour++) {
    const now = new Date(Date.UTC(2026, 10, 2, hour)).toISOString().replace('.000', '');
    // RFC 8460 §5.5: retried for a day, so the newest report is of three days ago in the first hours of a day.
    const newest = addDays(dayOf(instant(now)), -3);
    const said = [...daily('a.example', newest), ...onWeekdays('b.example', newest)];
    assert.deepEqual(silent(said, {}, now), [], now);
  }
});

test('severity and actor of silence', () => {
  const all = [...daily('a.example', '2026-11-10'), ...daily('b.example', '2026-11-10')];
  const one = [...daily('a.example', '2026-11-20'), ...daily('b.example', '2026-11-10')];
  const table: readonly (readonly [
    said: readonly Said[],
    changes: Partial<DomainConfig>,
    severity: string,
    actor: string,
  ])[] = [
    [all, {}, 'sev3', 'you'],
    [all, { mode: 'enforce' }, 'sev2', 'you'],
    [daily('a.example', '2026-11-10'), { mode: 'enforce' }, 'sev2', 'unknown'],
    [one, { mode: 'enforce' }, 'sev3', 'unknown'],
  ];
  for (const [said, changes, severity, actor] of table) {
    const [finding] = reviewOf(said, changes).findings;
    assert.deepEqual(
      [finding?.severity, finding?.actor, finding?.since, finding?.last_seen],
      [severity, actor, '2026-11-11', '2026-11-19'],
    );
  }
});

test('a report that comes ends the silence', () => {
  const before = daily('a.example', '2026-11-10');
  assert.deepEqual(silent(before), ['all']);
  assert.deepEqual(silent([...before, ...onDays(['2026-11-19'], { reporter: 'a.example', successful: 1 })]), []);
});
