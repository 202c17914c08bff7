import type { PolicySite, SiteFile } from '../../core/hosting/policy-host-files.ts';

/** A policy host with its whole document root. */
export interface HostedSite extends PolicySite {
  readonly files: readonly SiteFile[];
}

/**
 * A place where policy hosts stand. Every step looks first and does only what is missing, so that a run that was killed
 * anywhere goes on from there. What it returns is a phrase for what it waits for, or null when there is nothing to wait for.
 */
export interface Hosting {
  readonly kind: string;
  /** Claims the host's name and puts the files in place: before DNS points here, because an unclaimed name can be taken. */
  readonly serve: (site: HostedSite) => Promise<string | null>;
  /** Everything of `serve` but the claim, while another site of the same platform holds the name; null when it stands ready. */
  readonly prepare?: (site: HostedSite) => Promise<string | null>;
  /** What can be done only when DNS points here: the certificate, and HTTPS alone. */
  readonly settle: (host: string) => Promise<string | null>;
  /** Of one that writes files here: brings all of them to what is published. */
  readonly keep?: () => void;
  /** Lets go of the name, after DNS has. Returns whether there was something to let go of. */
  readonly release: (host: string) => Promise<boolean>;
}
