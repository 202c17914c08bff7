import * as Type from 'typebox/type';

/**
 * The leaves both schemas are made of. Three annotations go beyond JSON Schema:
 * `errorMessage` says what is wanted in words, for `check` (ajv-errors) and for editors (yaml-language-server);
 * `x-rule` is the id of the rule under which a fault is reported;
 * `format` may be one of ours (core/config/formats.ts), checked by the standards' own readers. Editors ignore it.
 */

/** A map that knows all its keys. */
export function map<Properties extends Type.TProperties>(properties: Properties, options: Type.TObjectOptions = {}) {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

/** One line, with something in it that shows: it goes to terminals, mail subjects and pages. */
export function text(description: string, limit = 200) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: limit,
    pattern: `^(?=[^]*\\S)[^${UNSEEN}]*$`,
    errorMessage: `must be one line of 1 to ${limit} characters`,
  });
}

/** Several lines are fine: a reason may need them. */
export function prose(description: string, limit = 500) {
  return Type.String({
    description,
    minLength: 1,
    maxLength: limit,
    pattern: `^(?=[^]*\\S)(?:[^${UNSEEN}]|[\\t\\n])*$`,
    errorMessage: `must be text of 1 to ${limit} characters that show`,
  });
}

/** Controls and what reorders the text around it, as ranges that every editor's regular expressions know. */
const UNSEEN = '\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069';

export function flag(description: string, value?: boolean) {
  return Type.Boolean({
    description,
    ...(value === undefined ? {} : { default: value }),
    errorMessage: 'must be true or false (YAML 1.2 reads yes, no, on and off as text)',
  });
}

export function whole(description: string, minimum: number, maximum: number, value?: number) {
  return Type.Integer({
    description,
    minimum,
    maximum,
    ...(value === undefined ? {} : { default: value }),
    errorMessage: `must be a whole number from ${minimum} to ${maximum}`,
  });
}

export function share(description: string, value: number) {
  return Type.Number({
    description,
    exclusiveMinimum: 0,
    maximum: 1,
    default: value,
    errorMessage: 'must be a number above 0 and at most 1, such as 0.05 for 5 %',
  });
}

export function oneOf<Values extends string[]>(
  description: string,
  values: readonly [...Values],
  value?: Values[number],
) {
  return Type.Enum(values, { description, ...(value === undefined ? {} : { default: value }) });
}

export function list<Item extends Type.TSchema>(description: string, items: Item, options: Type.TArrayOptions = {}) {
  return Type.Array(items, { description, maxItems: 100, ...options });
}

/** Text that one of our readers understands: see core/config/formats.ts. */
export function written(format: 'domain-name' | 'mx-pattern' | 'report-uri' | 'inside-path', description?: string) {
  return Type.String({ ...(description === undefined ? {} : { description }), maxLength: 1000, format });
}

export function port(description: string, value: number) {
  return whole(description, 1, 65_535, value);
}

/** GitHub: up to 39 letters, digits and hyphens (an enterprise adds `_suffix`); a team is `organisation/team`. */
export const Handle = Type.String({
  pattern: '^@?[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$',
  errorMessage: 'must be a GitHub user such as "@octocat" or a team such as "@acme/postmasters", in quotes',
  'x-rule': 'handle',
});

export const MailAddress = Type.String({
  format: 'email',
  maxLength: 254,
  errorMessage: 'must be a mail address such as postmaster@example.com',
  'x-rule': 'mail-address',
});

/** YAML 1.2 loads a bare 2026-12-01 as text, which is what this wants. */
export function day(description: string) {
  return Type.String({
    description,
    format: 'date',
    errorMessage: 'must be a day that exists, written as YYYY-MM-DD, such as 2026-12-01',
    'x-rule': 'date',
  });
}

/** A name in `hosting` or `dns`. */
export const NAME_PATTERN = '^[a-z][a-z0-9_-]{0,62}$';

/** A map of names to one of several kinds, told apart by `kind`. */
export function named<Kinds extends Type.TSchema[]>(description: string, kinds: readonly [...Kinds]) {
  const kind = Type.Unsafe<Type.Static<Type.TUnion<Kinds>>>({
    type: 'object',
    discriminator: { propertyName: 'kind' },
    required: ['kind'],
    oneOf: kinds,
  });
  return Type.Record(Type.String({ pattern: NAME_PATTERN }), kind, {
    description,
    maxProperties: 100,
    propertyNames: {
      pattern: NAME_PATTERN,
      errorMessage: 'must be a name of lower-case letters, digits, - and _, such as our-pages',
    },
  });
}

export function overrides(description: string) {
  return list(
    description,
    map({
      code: Type.String({
        description: 'The code of the refusal.',
        pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$',
        maxLength: 100,
        errorMessage: 'must be the code of a refusal as plan prints it, such as promotion-guard',
      }),
      reason: prose('Why it is safe.'),
      until: day('The last day of the override.'),
    }),
  );
}
