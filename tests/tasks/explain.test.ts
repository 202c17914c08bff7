import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PosternError } from '#scripts/core/failure.ts';
import { explain, explanationText } from '#scripts/tasks/explain.ts';

test('a rule or result type is explained, letter case and blanks aside', () => {
  for (const rule of ['certificate-expired', ' Certificate-Expired ', 'CERTIFICATE-EXPIRED']) {
    assert.equal(explain(rule).rule, 'certificate-expired');
  }
  assert.match(explanationText(explain('sts-policy-fetch-error')), /No mail is refused because of this\./);
});

test('an unknown rule is misuse, with the one that was probably meant', () => {
  const table: readonly (readonly [rule: string, hint: RegExp])[] = [
    ['certificate_expired', /certificate-expired/],
    ['sts-policy-fetch', /sts-policy-fetch-error/],
    ['policy-redirect', /policy-http-redirect/],
    ['mx-mismatch', /mx-/],
    ['starttls-stripped', /starttls-not-supported/],
    ['', /docs\/playbook\.md/],
    ['constructor', /docs\/playbook\.md/],
  ];
  for (const [rule, hint] of table) {
    assert.throws(
      () => explain(rule),
      (error) =>
        error instanceof PosternError &&
        error.code === 'rule-unknown' &&
        error.exit === 2 &&
        hint.test(error.hint ?? ''),
      rule,
    );
  }
  assert.throws(
    () => explain('\u001b[2Jx'),
    (error) => error instanceof PosternError && !error.message.includes('\u001b'),
  );
});
