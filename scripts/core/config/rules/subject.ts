import type { DomainName } from '../../../standards/domain-name.ts';
import type { Mode } from '../../../standards/mta-sts-policy.ts';
import type { Remark } from '../remark.ts';
import type { WrittenDomain } from '../schema/domain-schema.ts';
import type { WrittenSettings } from '../schema/settings-schema.ts';

/** What a rule about one domain looks at. */
export interface Subject {
  readonly domain: DomainName;
  /** What the schema accepted: a key it refused is absent, and named in `refused`. */
  readonly written: Partial<WrittenDomain>;
  readonly refused: ReadonlySet<string>;
  /** Its own, or that of the domain it is `same_as`; null when neither can be told. */
  readonly mode: Mode | null;
  /** Null when there is no usable settings file: rules that need it then say nothing. */
  readonly settings: SettingsSubject | null;
}

export interface SettingsSubject {
  readonly written: Partial<WrittenSettings>;
  readonly refused: ReadonlySet<string>;
}

export type DomainRule = (subject: Subject) => readonly Remark[];

/** The report URIs of the domain file, else those of the settings; null when a fault hides them. */
export function reportUris({ written, refused, settings }: Subject): readonly string[] | null {
  if (refused.has('rua')) return null;
  if (written.rua !== undefined) return written.rua;
  if (settings === null || settings.refused.has('reporting')) return null;
  return settings.written.reporting?.rua ?? [];
}
