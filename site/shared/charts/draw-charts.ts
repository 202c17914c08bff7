import { parentPort } from 'node:worker_threads';
import { type PackedTrend, unpacked } from './packed-trend.ts';
import { trendChart } from './trend-chart.ts';

/** A picture that is asked for, and what becomes of it. */
export interface Drawing {
  readonly id: number;
  readonly trend: PackedTrend;
}
export type Drawn = { readonly id: number } & ({ readonly svg: string } | { readonly error: unknown });

/** The thread of chart-thread.ts: draws one picture after the other, in the order they are asked for. */
parentPort?.on('message', ({ id, trend }: Drawing) => {
  trendChart(unpacked(trend)).then(
    (svg) => answer({ id, svg }),
    (error: unknown) => answer({ id, error }),
  );
});

function answer(drawn: Drawn): void {
  parentPort?.postMessage(drawn);
}
