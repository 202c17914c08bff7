import type { WantedRecords } from './record-set.ts';
import { type ExportFile, nameInZone, type ZoneRecords } from './zone-records.ts';

/**
 * octoDNS: one file a zone, and the configuration around them. octoDNS deletes what its files do not name, so a name
 * allow-list keeps it to the records that are here, in what it reads and in what it finds.
 */
export function octodnsFiles(zones: readonly ZoneRecords[]): readonly ExportFile[] {
  const files = zones.map((one) => ({ path: `zones/${one.zone}.yaml`, text: zoneYaml(one) }));
  return [{ path: 'config.yaml', text: configuration(zones) }, ...files];
}

function zoneYaml({ zone, records }: ZoneRecords): string {
  const names = Map.groupBy(records, ({ name }) => nameInZone(name, zone));
  const blocks = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => {
      const sets = own.map((record) => recordYaml(record, own.length > 1));
      return `${quoted(name === '@' ? '' : name)}:\n${sets.join('')}`;
    });
  return `---\n${blocks.join('')}`;
}

function recordYaml({ type, ttl, values }: WantedRecords, isListed: boolean): string {
  const [first, rest] = isListed ? ['- ', '  '] : ['  ', '  '];
  return `${first}ttl: ${ttl}\n${rest}type: ${type}\n${valuesYaml(type, values, rest)}`;
}

function valuesYaml(type: WantedRecords['type'], values: readonly string[], indent: string): string {
  if (type === 'TLSA') {
    const lines = values.map((value) => {
      const [usage, selector, matching, data] = value.split(' ');
      const fields = [
        `certificate_association_data: ${quoted(data ?? '')}`,
        `certificate_usage: ${usage}`,
        `matching_type: ${matching}`,
        `selector: ${selector}`,
      ];
      return `${indent}- ${fields.join(`\n${indent}  `)}\n`;
    });
    return `${indent}values:\n${lines.join('')}`;
  }
  const text = type === 'CNAME' ? `${values[0]}.` : (values[0] ?? '').replaceAll(';', '\\;');
  return `${indent}value: ${quoted(text)}\n`;
}

/**
 * A filter for each set of names: one for all would take away what another zone holds under the same name, such as the
 * address of a policy host that is no CNAME of ours.
 */
function configuration(zones: readonly ZoneRecords[]): string {
  const sets = new Map<string, { readonly processor: string; readonly names: readonly string[] }>();
  const processorOf = ({ zone, records }: ZoneRecords): string => {
    const names = [...new Set(records.map(({ name }) => nameInZone(name, zone)))].sort();
    const key = names.join(' ');
    const known = sets.get(key) ?? { processor: `only-postern-${sets.size + 1}`, names };
    sets.set(key, known);
    return known.processor;
  };
  const blocks = zones.flatMap((one) => [
    `  ${quoted(`${one.zone}.`)}:`,
    `    processors: [${processorOf(one)}]`,
    '    sources: [postern]',
    '    targets: [yours]',
  ]);
  const lines = [
    '---',
    '# Put the provider of your zones in the place of `yours`: https://github.com/octodns/octodns#providers',
    'processors:',
    ...[...sets.values()].flatMap(({ processor, names }) => [
      `  ${processor}:`,
      '    class: octodns.processor.filter.NameAllowlistFilter',
      '    allowlist:',
      ...names.map((name) => `    - ${quoted(name)}`),
    ]),
    'providers:',
    '  postern:',
    '    class: octodns.provider.yaml.YamlProvider',
    '    directory: ./zones',
    '    enforce_order: false',
    'zones:',
    ...blocks,
  ];
  return `${lines.join('\n')}\n`;
}

/** YAML in single quotes takes everything but the quote itself as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
