import type { Intake } from './intake.ts';
import type { PreparedSource } from './preparing.ts';
import { openSourceReader, type Reading } from './reading.ts';

/** Readings that are handed over together hold at least so much, unless there is no more. */
const CHARACTERS = 2 ** 20;

/** Reads sources into an intake, in their order. */
export interface FileIntake {
  readonly take: (prepared: readonly PreparedSource[]) => Promise<void>;
  /** Something is worth another look although nothing about it changes. */
  readonly unsettled: () => boolean;
  readonly close: () => Promise<void>;
}

export function fileIntake(intake: Intake): FileIntake {
  const reader = openSourceReader(intake.reading, intake.rules);
  let order = 0;
  let unsettled = false;
  return {
    take: async (prepared) => {
      let readings: Reading[] = [];
      let characters = 0;
      for (const one of prepared) {
        order += 1;
        const reading = reader.read(one, order);
        // A report file never has to wait for anything, and there may be many.
        const ready = reading instanceof Promise ? await reading : reading;
        readings.push(ready);
        characters += charactersOf(ready);
        unsettled ||= waitsForDns(ready);
        if (characters < CHARACTERS) continue;
        await intake.take(readings);
        readings = [];
        characters = 0;
      }
      if (readings.length > 0) await intake.take(readings);
    },
    unsettled: () => unsettled,
    close: reader.close,
  };
}

/** It is worth another look, although nothing about it changes. */
function waitsForDns(reading: Reading): boolean {
  return reading.kind === 'read' && reading.reports.some(({ dkim }) => dkim === 'temporary');
}

/** Roughly what a reading takes in memory. */
function charactersOf(reading: Reading): number {
  if (reading.kind !== 'read') return 100;
  const raw = reading.fault?.raw instanceof Uint8Array ? reading.fault.raw.length : 0;
  let characters = 100 + raw;
  for (const { lines } of reading.reports) for (const line of lines) characters += line.length;
  return characters;
}
