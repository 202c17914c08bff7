import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PosternError } from '../../core/failure.ts';
import { parseManifest } from '../../core/month/manifest.ts';
import type { Month } from '../../core/month/period.ts';
import { monthFolder, readManifestText, sha256Of } from '../../io/evidence/month-folders.ts';
import { findChromium, printPdf } from '../../io/evidence/pdf.ts';
import { writeZip, type ZipContent } from '../../io/evidence/zip.ts';

/**
 * Writes `<out>/evidence-<period>.zip`: the frozen month as it stands, and under `chain/` the manifests of all months before
 * it; the same month always gives the same bytes. Beside it its manifest, and where there is a Chromium the report as
 * `report-<period>.pdf`, which is not part of the evidence: its bytes differ from run to run. Returns the files.
 * Throws `month-unknown`, `month-incomplete` (exit 2).
 */
export async function writeEvidence({
  data,
  out,
  period,
  pdf,
  progress,
}: {
  readonly data: string;
  readonly out: string;
  readonly period: Month;
  readonly pdf: boolean;
  readonly progress: (text: string) => void;
}): Promise<readonly string[]> {
  const folder = monthFolder(data, period);
  progress(`bundling the evidence of ${period}`);
  const target = join(out, `evidence-${period}.zip`);
  await writeZip(target, [...monthContents(data, period), ...chain(data, period)]);
  const manifest = join(out, `manifest-${period}.json`);
  copyFileSync(join(folder, 'manifest.json'), manifest);
  if (!pdf) return [target, manifest];
  const browser = findChromium();
  if (browser === null) {
    progress('there is no Chromium here, so no PDF is made');
    return [target, manifest];
  }
  const printed = join(out, `report-${period}.pdf`);
  await printPdf({ browser, page: join(folder, 'report.html'), target: printed });
  return [target, manifest, printed];
}

function monthContents(data: string, period: Month): readonly ZipContent[] {
  const folder = monthFolder(data, period);
  const manifest = manifestOf(data, period);
  const contents = manifest.files.map(({ path }) => ({ path, from: { file: join(folder, path) } }));
  const gone = contents.filter(({ from }) => !existsSync(from.file)).map(({ path }) => path);
  if (gone.length > 0) {
    throw new PosternError('month-incomplete', `${folder} no longer holds ${gone.slice(0, 3).join(', ')}`, {
      hint: 'retention removed its rows, or somebody did: take the bundle that was made when the month was frozen',
      exit: 2,
    });
  }
  return [...contents, { path: 'manifest.json', from: { file: join(folder, 'manifest.json') } }];
}

/** The manifests of all months before, as far as the chain reaches. */
function chain(data: string, period: Month): readonly ZipContent[] {
  const links: ZipContent[] = [];
  let previous = manifestOf(data, period).previous;
  while (previous !== null) {
    const bytes = readFileSync(join(monthFolder(data, previous.period), 'manifest.json'));
    if (sha256Of(bytes) !== previous.sha256) {
      throw new PosternError('chain-broken', `the manifest of ${previous.period} is not the one that was frozen`, {
        hint: `restore data/months/${previous.period}/manifest.json from the history of the data branch`,
        exit: 2,
      });
    }
    links.push({ path: `chain/${previous.period}.json`, from: bytes });
    previous = manifestOf(data, previous.period).previous;
  }
  return links;
}

function manifestOf(data: string, period: Month) {
  const text = readManifestText(data, period);
  const parsed = text === null ? ({ ok: false, message: 'it is missing' } as const) : parseManifest(text);
  if (parsed.ok) return parsed.value;
  throw new PosternError('month-unknown', `the manifest of ${period} cannot be read: ${parsed.message}`, {
    hint: `restore data/months/${period}/manifest.json from the history of the data branch`,
    exit: 2,
  });
}
