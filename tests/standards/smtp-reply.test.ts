import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offers, parseReplyLine } from '#scripts/standards/smtp-reply.ts';

test('a reply line is a code, a separator and text (RFC 5321 §4.2)', () => {
  const good: readonly (readonly [string, number, boolean, string])[] = [
    ['220 mx1.example.com ESMTP', 220, true, 'mx1.example.com ESMTP'],
    ['250-STARTTLS', 250, false, 'STARTTLS'],
    ['250', 250, true, ''],
    ['250 ', 250, true, ''],
    ['554-', 554, false, ''],
  ];
  for (const [line, code, last, text] of good) assert.deepEqual(parseReplyLine(line), { code, last, text }, line);
  for (const line of ['', '22', '2200', '120 early', '620 late', 'abc', '220_x', ' 220 x', 'SSH-2.0-OpenSSH'])
    assert.equal(parseReplyLine(line), null, line);
});

test('extensions are the first word of each line behind the greeting, in any case (RFC 5321 §4.1.1.1)', () => {
  assert.ok(offers(['mx1.example.com', 'SIZE 1000', 'starttls'], 'STARTTLS'));
  assert.ok(!offers(['STARTTLS greets you'], 'STARTTLS'));
  assert.ok(!offers(['mx1', 'XSTARTTLS', 'HELP STARTTLS'], 'STARTTLS'));
});
