import type { DnsSettings } from '../../core/config/types.ts';
import { DESEC_API, desecProvider } from './desec.ts';
import { HETZNER_API, hetznerProvider } from './hetzner.ts';
import { jsonApi } from './json-api.ts';
import type { Sleep } from './limit-wait.ts';
import { ourNamesOnly } from './our-names-only.ts';
import { type DnsProvider, providerNotConfigured } from './provider.ts';
import { rfc2136Provider } from './rfc2136.ts';

export interface OpenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The zone that holds the names. */
  readonly zone: string;
  /** May this name be touched? Nothing else is, whatever is asked for later. */
  readonly isOurs: (name: string) => boolean;
  /** The real clock, in seconds. */
  readonly nowSeconds?: () => number;
  readonly sleep?: Sleep;
}

/** Null for `manual`: a person changes the records. Throws PosternError `dns-not-configured` (exit 2) without its secret. */
export async function openProvider(settings: DnsSettings, options: OpenOptions): Promise<DnsProvider | null> {
  const provider = await providerOf(settings, options);
  return provider === null ? null : ourNamesOnly(provider, options.isOurs);
}

/** The large clients are loaded only where they are used. */
async function providerOf(settings: DnsSettings, options: OpenOptions): Promise<DnsProvider | null> {
  const { environment, zone } = options;
  const { kind } = settings;
  switch (kind) {
    case 'manual':
      return null;
    case 'rfc2136': {
      const secret = secretOf(environment, kind, 'POSTERN_TSIG_SECRET');
      const nowSeconds = options.nowSeconds ?? (() => Math.floor(Date.now() / 1000));
      return rfc2136Provider({ settings, zone, secret, nowSeconds });
    }
    case 'cloudflare': {
      const { cloudflareClient, cloudflareProvider } = await import('./cloudflare.ts');
      const token = secretOf(environment, kind, 'CLOUDFLARE_API_TOKEN');
      return cloudflareProvider(
        cloudflareClient(token, environment['CLOUDFLARE_BASE_URL'] ?? null),
        zone,
        options.sleep,
      );
    }
    case 'route53': {
      const { route53Client, route53Provider } = await import('./route53.ts');
      return route53Provider(route53Client(), zone, options.sleep);
    }
    case 'desec': {
      const token = secretOf(environment, kind, 'DESEC_TOKEN');
      const base = environment['DESEC_API_URL'] ?? DESEC_API;
      return desecProvider(apiOf(kind, base, `Token ${token}`, options), zone);
    }
    case 'hetzner': {
      const token = secretOf(environment, kind, 'HCLOUD_TOKEN');
      const base = environment['HCLOUD_ENDPOINT'] ?? HETZNER_API;
      return hetznerProvider(apiOf(kind, base, `Bearer ${token}`, options), zone);
    }
  }
}

function apiOf(kind: string, base: string, authorization: string, { sleep }: OpenOptions) {
  return jsonApi({
    kind,
    base: base.replace(/\/+$/, ''),
    headers: { authorization },
    ...(sleep === undefined ? {} : { sleep }),
  });
}

function secretOf(environment: OpenOptions['environment'], kind: string, name: string): string {
  const secret = environment[name];
  if (!secret) throw providerNotConfigured(kind, name);
  return secret;
}
