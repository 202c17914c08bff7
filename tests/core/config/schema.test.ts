import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { schemaDocuments } from '#scripts/core/config/schema/schema-documents.ts';

/** The keys of the stable interface: leaving one out would refuse files that are right. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  'domains/schema.json': [
    'mode',
    'mx',
    'max_age',
    'same_as',
    'hosting',
    'dns',
    'delegation',
    'rua',
    'dane.managed',
    'dane.required',
    'owners',
    'oncall',
    'digest',
    'volume',
    'rollout.hold',
    'rollout.clean_days',
    'rollout.reason',
    'known_sender_issues[].reporter',
    'known_sender_issues[].result_type',
    'known_sender_issues[].reason',
    'known_sender_issues[].until',
    'retire',
    'overrides[].code',
    'overrides[].reason',
    'overrides[].until',
  ],
  'domains/settings.schema.json': [
    'organisation',
    'reporting.rua',
    'reporting.authserv_ids',
    'reporting.receiver',
    'site.title',
    'site.url',
    'site.visibility',
    'site.redact',
    'mailbox.folder',
    'mailbox.imap.host',
    'mailbox.imap.port',
    'mailbox.imap.user',
    'mailbox.imap.tls',
    'mailbox.imap.auth',
    'mailbox.imap.inbox',
    'mailbox.imap.processed',
    'mailbox.imap.rejected',
    'mailbox.imap.filing',
    'mailbox.imap.oauth2.provider',
    'mailbox.imap.oauth2.client_id',
    'mailbox.imap.oauth2.tenant',
    'mailbox.imap.oauth2.token_url',
    'mailbox.imap.oauth2.scope',
    'hosting',
    'dns',
    'delegation_zone',
    'alerts.owners',
    'alerts.oncall',
    'alerts.business_hours',
    'alerts.labels',
    'alerts.max_new_per_run',
    'alerts.certificate_thresholds',
    'digest.from',
    'digest.to',
    'digest.smtp.host',
    'digest.smtp.port',
    'digest.smtp.user',
    'network.resolver',
    'network.dns_port',
    'network.smtp_port',
    'network.https_port',
    'network.socks',
    'network.socks_all',
    'network.ca_file',
    'network.allow_private',
    'network.control',
    'network.validation_test.secure',
    'network.validation_test.bogus',
    'network.dkim_keys',
    'network.second_look',
    'network.target_deadline',
    'network.vantage',
    'thresholds',
    'retention',
    'example_clock',
  ],
};

interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean;
  readonly items?: Node;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly const?: string;
  readonly errorMessage?: string;
  readonly oneOf?: readonly Node[];
  readonly patternProperties?: Readonly<Record<string, Node>>;
}

function* nodesOf(node: Node, path: string): Generator<readonly [path: string, node: Node]> {
  yield [path, node];
  for (const [key, child] of Object.entries(node.properties ?? {}))
    yield* nodesOf(child, path === '' ? key : `${path}.${key}`);
  for (const child of Object.values(node.patternProperties ?? {})) yield* nodesOf(child, `${path}.<name>`);
  for (const child of node.oneOf ?? []) yield* nodesOf(child, path);
  if (node.items) yield* nodesOf(node.items, `${path}[]`);
}

for (const { file, text } of schemaDocuments()) {
  suite(file, () => {
    const schema = JSON.parse(text) as Node;
    const nodes = [...nodesOf(schema, '')];

    test('is a schema of JSON Schema 2020-12', () => {
      const ajv = new Ajv2020({ strict: false, allErrors: true });
      ajv.validateSchema(schema, true);
      assert.ok(text.startsWith('{\n  "$schema": "https://json-schema.org/draft/2020-12/schema"'));
    });

    test('knows every key of the interface, and no other in any map', () => {
      const paths = new Set(nodes.map(([path]) => path));
      assert.deepEqual(
        (KEYS[file] ?? []).filter((key) => !paths.has(key)),
        [],
      );
      const open = nodes.filter(([, node]) => node.properties && node.additionalProperties !== false);
      assert.deepEqual(
        open.map(([path]) => path),
        [],
      );
    });

    test('says what every key means', () => {
      const silent = nodes.filter(
        ([path, node]) =>
          !path.endsWith('[]') && !path.endsWith('kind') && !path.endsWith('<name>') && !node.description,
      );
      assert.deepEqual(
        silent.map(([path]) => path),
        [],
      );
    });

    test('bounds every list, text and number', () => {
      const unbounded = nodes.filter(
        ([, { type, const: fixed, maxItems, maxLength, minimum, maximum, pattern, format }]) => {
          if (type === 'array') return maxItems === undefined;
          if (type === 'integer') return minimum === undefined || maximum === undefined;
          // An unbounded pattern or format would still be bounded by the reader (4096 characters), but not usefully.
          return (
            type === 'string' &&
            fixed === undefined &&
            maxLength === undefined &&
            pattern === undefined &&
            format === undefined
          );
        },
      );
      assert.deepEqual(
        unbounded.map(([path]) => path),
        [],
      );
    });

    test('explains every pattern in words', () => {
      const silent = nodes.filter(
        ([, { pattern, errorMessage }]) => pattern !== undefined && errorMessage === undefined,
      );
      assert.deepEqual(
        silent.map(([path]) => path),
        [],
      );
    });
  });
}
