import { join, resolve } from 'node:path';
import type { Command } from '../command.ts';
import { UNLIMITED } from '../options.ts';

export const EXPORT_COMMAND: Command = {
  name: 'export',
  operands: '<zone|octodns|dnscontrol|terraform> [domain…]',
  summary: 'writes the DNS records for the tool that keeps your zones',
  details:
    'For zones that Postern does not change itself: every record that should exist, for zone files, octoDNS (with a name ' +
    'allow-list), DNSControl (with NO_PURGE) or Terraform. The id is that of the newest version that was seen served, so ' +
    'run it after publish, and publish again afterwards: it sees the id and writes that down. ' +
    'With dane.managed also the TLSA records of the MX hosts that probes saw, the next key’s included when it is due. ' +
    'docs/dns-providers.md has an example of each.',
  options: [{ name: 'out', value: 'DIR', summary: 'where the files go (default: <root>/dist/dns/<format>)' }],
  arity: [1, UNLIMITED],
  run: async ({ root, data, now, operands, options, dry_run, environment }) => {
    const { exportDns } = await import('../../tasks/export-dns.ts');
    const [format = '', ...domains] = operands;
    const given = options['out'];
    const out = typeof given === 'string' ? resolve(given) : join(root, 'dist', 'dns', format);
    const result = await exportDns({ root, data, now, format, domains, out, dryRun: dry_run, environment });
    const nothing =
      'No record to write: no version was seen served yet (publish first), there is no address for reports ' +
      '(reporting.rua), and no hosting that a name could lead to.';
    if (result.files.length === 0) return { exit: 0, json: result, text: [nothing, ...result.notes].join('\n') };
    const text = dry_run
      ? result.files.map((file) => `# ${file.path}\n${file.text}`).join('\n')
      : result.files.map(({ path }) => path).join('\n');
    return { exit: 0, json: result, text: [text, ...result.notes].join('\n') };
  },
};
