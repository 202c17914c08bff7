import { SELF_TEST_FIELD } from './self-test.ts';

/** Why a mail without a TLS report is in the reporting mailbox. */
export type OtherMail = 'self-test' | 'bounce' | 'auto-reply' | 'dmarc-report' | 'abuse-report' | 'spam' | 'mail';

/** The facts that tell them apart; every value as sent, header names in lower case. */
export interface MailFacts {
  readonly header: (name: string) => string | null;
  /** Of the parts without subparts. */
  readonly parts: readonly { readonly type: string; readonly fileName: string | null }[];
  /** A DMARC aggregate report was found by its content. */
  readonly dmarc: boolean;
}

/** `receiver!policy-domain!begin!end[!id].xml[.gz|.zip]` (RFC 7489 §7.2.1.1). */
const DMARC_NAME = /^[^!]+![^!]+!\d+!\d+(![^!]+)?\.(xml(\.gz)?|zip|gz)$/i;

/** The class of a mail that holds no TLS report. Nothing here is quarantined: it is only counted. */
export function classifyOtherMail({ header, parts, dmarc }: MailFacts): OtherMail {
  if (header(SELF_TEST_FIELD.toLowerCase()) !== null) return 'self-test';
  const type = (header('content-type') ?? '').toLowerCase();
  const reportType = /report-type\s*=\s*"?([a-z-]+)/.exec(type)?.[1];
  if (reportType === 'delivery-status' || parts.some((part) => part.type === 'message/delivery-status'))
    return 'bounce';
  if (reportType === 'disposition-notification') return 'auto-reply';
  if (reportType === 'feedback-report' || parts.some((part) => part.type === 'message/feedback-report')) {
    return 'abuse-report';
  }
  if (dmarc || parts.some((part) => DMARC_NAME.test(part.fileName ?? ''))) return 'dmarc-report';
  if (/mailer-daemon@/i.test(header('from') ?? '')) return 'bounce';
  const automatic = (header('auto-submitted') ?? 'no').trim().toLowerCase();
  const reply = header('x-autoreply') ?? header('x-autorespond');
  if (!automatic.startsWith('no') || reply !== null || /auto_reply/i.test(header('precedence') ?? ''))
    return 'auto-reply';
  if (header('return-path')?.trim() === '<>') return 'bounce';
  return isMarkedSpam(header) ? 'spam' : 'mail';
}

/** What the filters in front of the mailbox say; a report that they take for spam is still a report. */
function isMarkedSpam(header: MailFacts['header']): boolean {
  if (/^yes\b/i.test(header('x-spam-flag') ?? header('x-spam-status') ?? header('x-spam') ?? '')) return true;
  const level = Number(header('x-ms-exchange-organization-scl') ?? header('x-forefront-antispam-scl') ?? -1);
  return level >= 5 && level <= 9;
}
