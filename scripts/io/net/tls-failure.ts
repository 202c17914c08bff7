/** Why no TLS session came about, and the words for it with the code of OpenSSL or of the system behind them. */
export interface TlsFailure {
  readonly reason: 'version' | 'not-tls' | 'cipher' | 'closed' | 'alert';
  readonly detail: string;
}

const KINDS: readonly (readonly [TlsFailure['reason'], RegExp, string])[] = [
  [
    'version',
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|TLSV1_ALERT_PROTOCOL|VERSION_TOO_LOW|WRONG_SSL_VERSION/,
    'no version of TLS in common',
  ],
  [
    'not-tls',
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|BAD_RECORD_TYPE|UNEXPECTED_MESSAGE|RECORD_LAYER/,
    'what it answers is no TLS',
  ],
  [
    'cipher',
    /NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_CIPHERS|INSUFFICIENT_SECURITY|DH_KEY_TOO_SMALL|KEY_TOO_SMALL/,
    'no cipher in common',
  ],
];
/** Whether an end or a reset is seen first is chance: our own bytes may be what meets it. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

export function tlsFailure({ code = '', message }: NodeJS.ErrnoException): TlsFailure {
  const said = code === '' ? message.slice(0, 200) : code;
  const kind = KINDS.find(([, pattern]) => pattern.test(`${code} ${message}`));
  if (kind !== undefined) return { reason: kind[0], detail: `${kind[2]} (${said})` };
  if (CLOSED.has(code)) return { reason: 'closed', detail: 'the server closed the connection in the handshake' };
  return { reason: 'alert', detail: `the handshake broke off (${said})` };
}
