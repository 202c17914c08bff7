import type { Configuration, Settings } from '../core/config/types.ts';
import { PosternError } from '../core/failure.ts';

/** Throws PosternError `configuration-invalid` (exit 2) with the first error. */
export function usableSettings({ settings, problems }: Configuration): Settings {
  if (settings !== null) return settings;
  const first = problems.find(({ severity }) => severity === 'error');
  const why = first === undefined ? '' : ` ${first.file}: ${first.message}`;
  throw new PosternError('configuration-invalid', `The settings cannot be used.${why}`, {
    hint: 'npx postern check tells every problem of the configuration.',
    exit: 2,
  });
}
