import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agreement, AgreementState } from '#scripts/core/agreement.ts';
import { markCells, markPaths, markText } from '#site/shared/view-models/mark.ts';

function agreement(...states: readonly AgreementState[]): Agreement {
  const [mx, policy, dns, reports] = states.map((state) => ({ state, why: `${state}.` }));
  assert.ok(mx && policy && dns && reports);
  return { mx, policy, dns, reports };
}

test('four cells in a fixed order, each with its word', () => {
  const cells = markCells(agreement('unknown', 'agrees', 'disagrees', 'disagrees'));
  assert.equal(markText(cells), 'MX not known, Policy agrees, DNS disagrees, Reports disagree');
  assert.deepEqual(
    cells.map(({ why }) => why),
    ['unknown.', 'agrees.', 'disagrees.', 'disagrees.'],
  );
});

test('four that agree are one bar without a gap', () => {
  const paths = markPaths(markCells(agreement('agrees', 'agrees', 'agrees', 'agrees')));
  assert.equal(paths.agrees, 'M0 0h12v12h-12zM12 0h12v12h-12zM24 0h12v12h-12zM36 0h12v12h-12z');
  assert.equal(paths.disagrees + paths.unknown, '');
});

test('the three states differ in shape, not only in colour', () => {
  const shape = (state: AgreementState) => markPaths(markCells(agreement(state, 'agrees', 'agrees', 'agrees')))[state];
  const shapes = (['agrees', 'disagrees', 'unknown'] as const).map((state) => shape(state).split('M')[1]);
  assert.equal(new Set(shapes).size, 3);
});
