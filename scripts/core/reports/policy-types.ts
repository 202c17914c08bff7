/** The policy types of a report (RFC 8460 §4.4), in the order in which they speak for a domain: counts of two never add up. */
export const POLICY_TYPE_ORDER: readonly string[] = ['sts', 'tlsa', 'no-policy-found'];

/** The policy types in these rows, each once, the registered ones first. */
export function policyTypesOf(rows: Iterable<{ readonly policy_type: string }>): readonly string[] {
  const found = new Set<string>();
  for (const { policy_type } of rows) found.add(policy_type);
  const types = [...found].sort();
  return [
    ...POLICY_TYPE_ORDER.filter((type) => types.includes(type)),
    ...types.filter((type) => !POLICY_TYPE_ORDER.includes(type)),
  ];
}
