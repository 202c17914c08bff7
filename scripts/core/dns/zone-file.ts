import { zoneLines } from './record-set.ts';
import type { ExportFile, ZoneRecords } from './zone-records.ts';

/** Lines for zone files (RFC 1035 §5.1), to be included or pasted: absolute names, so that no `$ORIGIN` matters. */
export function zoneFiles(zones: readonly ZoneRecords[]): readonly ExportFile[] {
  return zones.map(({ zone, records }) => {
    const lines = records.flatMap((record) => [`; ${record.purpose}`, ...zoneLines(record)]);
    return { path: `${zone}.zone`, text: `${lines.join('\n')}\n` };
  });
}
