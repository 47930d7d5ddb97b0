import { answerParent } from './child.ts';
import { ordinaryServer } from './ordinary-server.ts';
import { productServer } from './product-server.ts';
import { rawServer } from './raw-server.ts';

/** What a server can be asked; `usage` follows a collection of garbage. */
export type ServerQuestion =
  | { readonly ask: 'address' }
  | { readonly ask: 'event'; readonly message: string }
  | { readonly ask: 'usage' };

/** What a process has used: CPU in microseconds since it began, heap in bytes now. */
export interface Usage {
  readonly cpu: number;
  readonly heap: number;
}

const [kind = '', file = ''] = process.argv.slice(2);
const open: Readonly<Record<string, () => ReturnType<typeof productServer>>> = {
  product: () => productServer(file),
  ordinary: () => ordinaryServer(file),
  raw: rawServer,
};
const server = open[kind]?.();

answerParent(async (question: ServerQuestion) => {
  const running = await server;
  if (running === undefined) throw new Error(`There is no server ${kind}.`);
  switch (question.ask) {
    case 'address':
      return { url: running.url, token: running.token };
    case 'event':
      return { committed: await running.event(question.message) };
    case 'usage':
      return usage();
  }
});

async function usage(): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  // What has gone is let go only some turns after; finalisers run between collections.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return { cpu: user + system, heap: process.memoryUsage().heapUsed };
}
