import { join } from 'node:path';
import { atLeast, atMost, sized, type Bench } from './bench.ts';
import { Stage, type Kind } from './subscribers/stage.ts';

const WARM_UP = 10;
const MEASURED = 20;

/** What a subscriber costs a server. */
interface Cost {
  /** Microseconds of CPU for each event. */
  readonly cpu: number;
  /** Bytes of heap while it waits. */
  readonly heap: number;
  readonly messages: number;
}

/** What each subscriber costs: CPU against ordinary graphql-ws, heap against raw sockets. */
export const subscriber: Bench = {
  about: 'CPU of a subscriber against ordinary graphql-ws, and its heap against a raw socket',
  run: async (folder, scale) => {
    const size = sized(1_000, scale, 10);
    // Before the others, so that what is needed but once is there.
    const first = sized(100, scale, 5);
    const product = await costOf('product', folder, { first, size });
    const ordinary = await costOf('ordinary', folder, { first, size });
    const raw = await costOf('raw', folder, { first, size });
    const line = (kind: Kind, { cpu, heap }: Cost) =>
      `${kind.padEnd(8)}  ${cpu.toFixed(1)} µs of CPU an event, ${(heap / 1024).toFixed(1)} KiB of heap`;
    return {
      size: `${size} subscribers, ${MEASURED} events`,
      lines: [
        line('product', product),
        line('ordinary', ordinary),
        line('raw', raw),
        atLeast('CPU: ordinary / product', ordinary.cpu / product.cpu, 3),
        atMost('heap: product / raw', product.heap / raw.heap, 2),
      ],
      answer: `${product.messages + ordinary.messages + raw.messages} messages were received`,
    };
  },
};

async function costOf(
  kind: Kind,
  folder: string,
  { first, size }: { readonly first: number; readonly size: number },
): Promise<Cost> {
  const stage = new Stage(join(folder, kind));
  const events = async (count: number) => {
    for (let event = 0; event < count; event++) await stage.deliver(kind, SAMPLE);
  };
  try {
    await stage.start(kind);
    await stage.fill(kind, first);
    await events(WARM_UP);
    const few = await stage.usage(kind);
    await stage.fill(kind, size);
    const before = await stage.usage(kind);
    await events(MEASURED);
    const after = await stage.usage(kind);
    return {
      cpu: (after.cpu - before.cpu) / (MEASURED * (first + size)),
      heap: (after.heap - few.heap) / size,
      messages: MEASURED * (first + size) + WARM_UP * first,
    };
  } finally {
    await stage.end();
  }
}

/** As long as the message of an event. */
const SAMPLE = JSON.stringify({ id: '1', type: 'next', payload: { data: 'x'.repeat(380) } });
