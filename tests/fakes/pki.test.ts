import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { createPki } from './pki.ts';

test('a certificate of any length is one that OpenSSL reads', () => {
  const pki = createPki(Date.parse('2026-11-21T06:00:00Z'));
  // 48 bytes are one line of PEM: among these, some end with a whole one.
  for (let length = 1; length <= 50; length += 1) {
    const { keyPem, pem } = pki.certificate({ name: 'n'.repeat(length), dns: ['host.test'] });
    createSecureContext({ key: keyPem, cert: pem });
  }
});
