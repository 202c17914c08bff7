import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { signedHeaders } from '#scripts/io/object-store/signature.ts';

/** Amazon's own examples: "Signature Calculations for the Authorization Header", Amazon S3 API Reference. */
const SCOPE = {
  key: { id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', session: null },
  region: 'us-east-1',
  at: '20130524T000000Z',
};
const HOST = 'https://examplebucket.s3.amazonaws.com';
const EXAMPLES: readonly (readonly [string, string, string, Record<string, string>, string, string])[] = [
  [
    'an object',
    'GET',
    '/test.txt',
    { range: 'bytes=0-9' },
    '',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'a new object with a name to encode',
    'PUT',
    '/test$file.text',
    { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    'Welcome to Amazon S3.',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  [
    'a parameter without a value',
    'GET',
    '/?lifecycle',
    {},
    '',
    'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  ],
  [
    'a listing',
    'GET',
    '/?max-keys=2&prefix=J',
    {},
    '',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
];

suite('signatures of version 4', () => {
  for (const [name, method, path, headers, body, signature] of EXAMPLES)
    test(`${name}: as Amazon computes it`, () => {
      const payload = createHash('sha256').update(body).digest('hex');
      const { authorization } = signedHeaders({ method, url: new URL(HOST + path), headers, payload }, SCOPE);
      assert.equal(/Signature=(.*)$/.exec(authorization ?? '')?.[1], signature);
    });

  test('a temporary key is named, and signed with', () => {
    const key = { ...SCOPE.key, session: 'SESSION' };
    const request = { method: 'GET', url: new URL(`${HOST}/x`), headers: {}, payload: '' };
    const headers = signedHeaders(request, { ...SCOPE, key });
    assert.equal(headers['x-amz-security-token'], 'SESSION');
    assert.match(headers['authorization'] ?? '', /SignedHeaders=[^,]*x-amz-security-token/);
  });
});
