import { join } from 'node:path';
import { median, type Timed } from './alternate.ts';
import { sameAnswer, sized, takesAtMost, type Bench } from './bench.ts';
import { Stage } from './subscribers/stage.ts';

const WARM_UP = 5;
const MEASURED = 25;
const BAR = 1.25;

/** How long an event takes from its commit to the last of many subscribers, against sockets that are sent the message as it is. */
export const fanOut: Bench = {
  about: 'commit to last receipt by 1,000 and 5,000 subscribers, against a raw broadcast of the same message',
  run: async (folder, scale) => {
    const sizes = [sized(1_000, scale, 5), sized(5_000, scale, 25)];
    const lines: string[] = [];
    for (const size of sizes) {
      const sides = await measured(join(folder, String(size)), size);
      lines.push(`${size} subscribers`, ...takesAtMost(sides, BAR));
    }
    return {
      size: `${sizes.join(' and ')} subscribers, each on a socket of its own, ${MEASURED} events`,
      lines,
      answer: `${(MEASURED + WARM_UP) * sizes.reduce((sum, size) => sum + size, 0)} messages a side, the same`,
    };
  },
};

async function measured(folder: string, size: number): Promise<readonly [Timed, Timed]> {
  const stage = new Stage(folder);
  const [product, raw] = [[] as number[], [] as number[]];
  try {
    for (const kind of ['product', 'raw'] as const) {
      await stage.start(kind);
      await stage.fill(kind, size);
    }
    for (let round = 0; round < WARM_UP + MEASURED; round++) {
      const event = await stage.deliver('product');
      const same = await stage.deliver('raw', event.message);
      sameAnswer('the message', event.message, same.message);
      if (round < WARM_UP) continue;
      product.push(event.ms);
      raw.push(same.ms);
    }
  } finally {
    await stage.end();
  }
  return [
    { name: 'product', median: median(product) },
    { name: 'raw ws', median: median(raw) },
  ];
}
