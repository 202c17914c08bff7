import type { WantedRecords } from './record-set.ts';
import { type ExportFile, nameInZone, type ZoneRecords } from './zone-records.ts';

/**
 * Terraform: the records as a local value, which every provider's resources can be made of with `for_each`, and resources
 * of hashicorp/dns (dynamic update) made so. Terraform touches only what it made itself.
 */
export function terraformFiles(zones: readonly ZoneRecords[]): readonly ExportFile[] {
  const records = zones.flatMap(({ zone, records: own }) => own.map((record) => entry(record, zone)));
  const locals = ['locals {', '  postern_records = {', ...records, '  }', '}', ''].join('\n');
  const hasTlsa = zones.some(({ records: own }) => own.some(({ type }) => type === 'TLSA'));
  return [
    { path: 'postern-records.tf', text: locals },
    { path: 'postern-dns.tf', text: hasTlsa ? `${NO_TLSA}\n${RESOURCES}` : RESOURCES },
  ];
}

function entry({ name, type, ttl, values }: WantedRecords, zone: string): string {
  const fields = [
    `zone   = ${quoted(zone)}`,
    `name   = ${quoted(nameInZone(name, zone))}`,
    `type   = ${quoted(type)}`,
    `ttl    = ${ttl}`,
    `values = [${values.map(quoted).join(', ')}]`,
  ];
  return [`    ${quoted(`${name} ${type}`)} = {`, ...fields.map((field) => `      ${field}`), '    }'].join('\n');
}

/** HCL reads `\`, `"`, `${` and `%{` in a string. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[$%](?=\{)/g, (sign) => sign + sign);
}

const NO_TLSA =
  '# hashicorp/dns makes no TLSA records: those of the local value need a resource of another provider, one for each value.\n';

const RESOURCES = `resource "dns_txt_record_set" "postern" {
  for_each = { for key, record in local.postern_records : key => record if record.type == "TXT" }
  zone     = "\${each.value.zone}."
  name     = each.value.name
  ttl      = each.value.ttl
  txt      = each.value.values
}

resource "dns_cname_record" "postern" {
  for_each = { for key, record in local.postern_records : key => record if record.type == "CNAME" }
  zone     = "\${each.value.zone}."
  name     = each.value.name
  ttl      = each.value.ttl
  cname    = "\${each.value.values[0]}."
}
`;
