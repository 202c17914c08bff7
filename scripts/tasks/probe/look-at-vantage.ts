import type { Settings } from '../../core/config/types.ts';
import type { Outcome } from '../../core/probe/observation.ts';
import { egressOf } from '../../core/probe/vantage.ts';
import { hasIpv6Route } from '../../io/net/ipv6-route.ts';
import { greets } from '../../io/smtp/greets.ts';
import { observeValidation, VALIDATION_TEST } from './observe-validation.ts';
import type { Eyes } from './open-eyes.ts';

/** Their MX hosts answer everybody who can reach them. */
const CONTROL = ['gmail-smtp-in.l.google.com', 'mx01.mail.icloud.com', 'mta7.am0.yahoodns.net'];
const CONTROL_MS = 15_000;

/** What the machine itself allows to be seen. IPv6 is proven by the first connection that stands: until then a way is only there. */
export async function lookAtVantage(
  { resolver, mx, isProxied }: Eyes,
  { network }: Settings,
): Promise<{ readonly smtp_egress: Outcome; readonly ipv6: 'bad' | 'unknown'; readonly validating: Outcome }> {
  const timeoutMs = Math.min(CONTROL_MS, network.target_deadline * 1000);
  const control = async (host: string) => {
    const [v4, v6] = await Promise.all([resolver.lookup(host, 'A'), resolver.lookup(host, 'AAAA')]);
    const addresses = [...v4.records.slice(0, 2), ...v6.records.slice(0, 1)];
    return Promise.all(addresses.map((address) => greets(mx.dial, address, mx.port, timeoutMs)));
  };
  const [controls, validation, hasRoute] = await Promise.all([
    Promise.all((network.control ?? CONTROL).map(control)),
    observeValidation(resolver, network.validation_test ?? VALIDATION_TEST),
    hasIpv6Route(),
  ]);
  return {
    smtp_egress: egressOf(controls.flat()),
    ipv6: hasRoute || isProxied ? 'unknown' : 'bad',
    validating: validation === null ? 'ok' : validation.outcome,
  };
}
