import type { Agreement } from '../agreement.ts';
import type { Instant } from '../clock.ts';
import type { AlertSettings } from '../config/types.ts';
import type { ResponsibleOf } from './people-to-tell.ts';

/** What every decision about an issue is made with. */
export interface Deciding {
  readonly settings: AlertSettings;
  readonly responsibleOf: ResponsibleOf;
  readonly agreementOf: (domain: string) => Agreement | null;
  readonly now: Instant;
}
