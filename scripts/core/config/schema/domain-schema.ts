import * as Type from 'typebox/type';
import { MAX_AGE_LIMIT, MODES } from '../../../standards/mta-sts-policy.ts';
import {
  day,
  flag,
  Handle,
  list,
  MailAddress,
  map,
  NAME_PATTERN,
  oneOf,
  overrides,
  prose,
  text,
  whole,
  written,
} from './schema-parts.ts';

const name = (description: string) =>
  Type.String({
    description,
    pattern: NAME_PATTERN,
    errorMessage: 'must be a name of lower-case letters, digits, - and _ that stands in domains/_settings.yaml',
  });

const KeyDigest = Type.String({
  pattern: '^[0-9A-Fa-f]{64}$',
  errorMessage: 'must be the SHA-256 of a public key: 64 hexadecimal digits, in quotes',
});

const SHARES = { required: ['same_as'] };
const NEEDS_MX = { properties: { mode: { enum: ['testing', 'enforce'] } }, required: ['mode'] };
const RETIRES = { properties: { retire: { const: true } }, required: ['retire'] };

/** `domains/<domain>.yaml` as a person writes it. Cross-checks that a schema cannot say stand in the *-rules.ts files. */
export const DomainSchema = map(
  {
    mode: Type.Optional(
      Type.Enum([...MODES], {
        description:
          'What senders do when no MX passes: enforce = they do not deliver, testing = they deliver and report, none = as without a policy (RFC 8461 §5). Required unless same_as gives it.',
      }),
    ),
    mx: Type.Optional(
      list(
        'Patterns that cover every MX of the domain: exact host names, or *.example.com for exactly one label (RFC 8461 §4.1). Quote a pattern that begins with *. Required in testing and enforce unless same_as gives it.',
        written('mx-pattern'),
      ),
    ),
    max_age: Type.Optional(
      Type.Integer({
        description: `Seconds a sender may keep the policy, 0 to ${MAX_AGE_LIMIT} (RFC 8461 §3.2). Enforce needs at least 86400; weeks are usual. Default: 604800 in enforce, else 86400.`,
        minimum: 0,
        maximum: MAX_AGE_LIMIT,
        errorMessage: `must be a whole number of seconds from 0 to ${MAX_AGE_LIMIT}, such as 604800 for a week (RFC 8461 §3.2)`,
        'x-rule': 'max-age-bounds',
      }),
    ),
    same_as: Type.Optional(
      written(
        'domain-name',
        'Another domain of this repository whose mx and mode this one shares. mx and mode are then not written.',
      ),
    ),
    hosting: Type.Optional(name('Where the policy host stands: a name in hosting of domains/_settings.yaml.')),
    dns: Type.Optional(
      name('Who changes the DNS records: a name in dns of domains/_settings.yaml. Default: a person.'),
    ),
    delegation: Type.Optional(
      oneOf(
        'records = the TXT records stand in the domain’s own zone; cname = the customer sets CNAMEs once into delegation_zone.',
        ['records', 'cname'],
        'records',
      ),
    ),
    rua: Type.Optional(
      list(
        'Where senders send TLS reports: mailto: or https: URIs (RFC 8460 §3). Default: reporting.rua of the settings.',
        written('report-uri'),
        {
          minItems: 1,
          maxItems: 10,
        },
      ),
    ),
    dane: Type.Optional(
      map(
        {
          managed: Type.Optional(flag('Postern proposes the TLSA records and their rollover.', false)),
          required: Type.Optional(flag('A missing TLSA record at an MX host is a finding.', false)),
          next_keys: Type.Optional(
            list('Keys that MX hosts are to change to, published beforehand (docs/dane.md).', KeyDigest, {
              maxItems: 8,
            }),
          ),
        },
        { description: 'DANE for the MX hosts (RFC 7672).' },
      ),
    ),
    owners: Type.Optional(list('Who answers for the domain: GitHub users or teams, in quotes.', Handle)),
    oncall: Type.Optional(list('Who is called when mail is in danger: GitHub users or teams, in quotes.', Handle)),
    digest: Type.Optional(list('Mail addresses that get the weekly summary of this domain.', MailAddress)),
    volume: Type.Optional(
      oneOf('low = too little mail for several reporters: promotion then accepts one.', ['normal', 'low'], 'normal'),
    ),
    rollout: Type.Optional(
      map(
        {
          hold: Type.Optional(flag('No promotion is proposed while true.', false)),
          clean_days: Type.Optional(whole('Clean days needed before enforce. Fewer than 14 want a reason.', 7, 90, 14)),
          reason: Type.Optional(prose('Why, when hold or clean_days differs from the default.')),
        },
        { description: 'The path from testing to enforce.' },
      ),
    ),
    known_sender_issues: Type.Optional(
      list(
        'Failures that are a sender’s fault and must not raise a finding until a date. They stay visible.',
        map({
          reporter: text('An organization-name or a domain, as in the report.'),
          result_type: text('A result type of RFC 8460 §4.3, such as starttls-not-supported.'),
          reason: prose('Why it is theirs.'),
          until: day('The last day of the exception.'),
        }),
      ),
    ),
    retire: Type.Optional(
      flag(
        'true takes the policy out of service: mode none is served until every cached policy has expired (RFC 8461 §8.3). mode and mx stay as they were.',
        false,
      ),
    ),
    overrides: Type.Optional(overrides('Refusals of plan that are accepted until a date.')),
  },
  {
    title: 'Postern: one domain',
    description: 'domains/<domain>.yaml or domains/<customer>/<domain>.yaml; the file name is the domain (A-label).',
    // For editors and check alike: a policy needs a mode, and except for none at least one MX pattern (RFC 8461 §3.2).
    allOf: [
      { if: { anyOf: [SHARES, RETIRES] }, else: { required: ['mode'], 'x-rule': 'mode-missing' } },
      { if: { anyOf: [SHARES, { not: RETIRES }] }, else: { required: ['mode'], 'x-rule': 'retire-needs-mode' } },
      {
        if: { anyOf: [SHARES, { not: NEEDS_MX }] },
        else: { required: ['mx'], properties: { mx: { minItems: 1, 'x-rule': 'mx-missing' } }, 'x-rule': 'mx-missing' },
      },
    ],
  },
);

export type WrittenDomain = Type.Static<typeof DomainSchema>;
