import { addDays, type Day } from '../../clock.ts';

/**
 * A report shows an earlier policy than the one in force. Until the cache of that one can have expired, and two days
 * more for the report to arrive, that is ordinary (playbook §1, note 4); later the sender's cache is worth a question.
 * The domain's state never depends on it.
 */
export function oldPolicyInReport(input: {
  /** The day the newer policy was announced. */
  readonly replaced: Day;
  /** Seconds: of the policy that the report shows. */
  readonly max_age: number;
  /** The day the report is about. */
  readonly day: Day;
}): 'ordinary' | 'investigate' {
  const days = Math.ceil(input.max_age / 86_400) + 2;
  return input.day > addDays(input.replaced, days) ? 'investigate' : 'ordinary';
}
