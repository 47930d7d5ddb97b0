// bench/ holds WHAT IS MEASURED: one file per bench, named by it, and one line in benches.ts. A bench makes its own data
// in a folder that goes with it, runs the product and its floor or peer by turns in one process, and fails if they gave
// different answers. It prints medians and their ratio beside the bar; nothing here is a test of time, and nothing here
// stands in for the product. fleet/ makes data at size.

/** One of the two that take turns. */
export interface Side {
  readonly name: string;
  /** What a turn needs beforehand; not measured. */
  readonly prepare?: () => void;
  readonly turn: () => unknown;
}

/** How often the sides take turns, after a warm-up. */
export interface Rounds {
  readonly warmUp: number;
  readonly measured: number;
}

/** The median turn of a side, in milliseconds. */
export interface Timed {
  readonly name: string;
  readonly median: number;
}

/** Lets two sides take turns, the first one first, so that whatever slows the machine slows both. */
export async function alternate(
  sides: readonly [Side, Side],
  { warmUp, measured }: Rounds,
): Promise<readonly [Timed, Timed]> {
  const [first, second] = [[] as number[], [] as number[]];
  for (let round = 0; round < warmUp + measured; round++) {
    const [one, other] = [await timed(sides[0]), await timed(sides[1])];
    if (round < warmUp) continue;
    first.push(one);
    second.push(other);
  }
  return [
    { name: sides[0].name, median: median(first) },
    { name: sides[1].name, median: median(second) },
  ];
}

async function timed({ prepare, turn }: Side): Promise<number> {
  prepare?.();
  const began = performance.now();
  await turn();
  return performance.now() - began;
}

/** The value in the middle; of an even number the mean of the two there. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] ?? NaN;
  return (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2;
}
