import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyOtherMail, type MailFacts } from '#scripts/core/reports/other-mail.ts';

const mail = (headers: Readonly<Record<string, string>>, parts: MailFacts['parts'] = [], dmarc = false) =>
  classifyOtherMail({ header: (name) => headers[name] ?? null, parts, dmarc });

test('classes of mail that holds no TLS report', () => {
  const cases: readonly (readonly [string, string])[] = [
    [mail({}), 'mail'],
    [mail({ 'content-type': 'multipart/report; report-type=delivery-status; boundary=b' }), 'bounce'],
    [mail({ 'content-type': 'Multipart/Report; Report-Type="Delivery-Status"' }), 'bounce'],
    [mail({}, [{ type: 'message/delivery-status', fileName: null }]), 'bounce'],
    [mail({ from: 'Mail Delivery System <MAILER-DAEMON@mx.example>', 'auto-submitted': 'auto-replied' }), 'bounce'],
    [mail({ 'return-path': '<>' }), 'bounce'],
    [mail({ 'return-path': '<>', 'auto-submitted': 'auto-replied' }), 'auto-reply'],
    [mail({ 'auto-submitted': 'auto-generated' }), 'auto-reply'],
    [mail({ 'auto-submitted': 'no' }), 'mail'],
    [mail({ 'x-autoreply': 'yes' }), 'auto-reply'],
    [mail({ precedence: 'auto_reply' }), 'auto-reply'],
    [mail({ 'content-type': 'multipart/report; report-type=disposition-notification' }), 'auto-reply'],
    [mail({ 'content-type': 'multipart/report; report-type=feedback-report' }), 'abuse-report'],
    [mail({}, [{ type: 'application/zip', fileName: 'a.example!b.example!1!2.zip' }]), 'dmarc-report'],
    [mail({}, [], true), 'dmarc-report'],
    [mail({}, [{ type: 'application/zip', fileName: 'holiday.zip' }]), 'mail'],
    [mail({ 'x-spam-flag': 'YES' }), 'spam'],
    [mail({ 'x-spam-status': 'Yes, score=12.1' }), 'spam'],
    [mail({ 'x-spam-status': 'No, score=0.1' }), 'mail'],
    [mail({ 'x-ms-exchange-organization-scl': '6' }), 'spam'],
    [mail({ 'x-ms-exchange-organization-scl': '-1' }), 'mail'],
    [mail({ 'x-postern-self-test': 'abc', 'auto-submitted': 'auto-generated' }), 'self-test'],
  ];
  for (const [index, [found, expected]] of cases.entries()) assert.equal(found, expected, `case ${index}`);
});
