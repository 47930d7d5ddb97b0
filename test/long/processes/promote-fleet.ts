// Votes for every agent of a fleet as many people, beside other processes that do the same. In each round all votes are
// bound to the tier they found before any process writes one: it says `bound`, and waits for a line. Prints what the votes came to.
import { createInterface } from 'node:readline';
import type { App } from '../../../src/app/app.ts';
import type { Store } from '../../../src/app/ports/store.ts';
import { promoteAgent } from '../../../src/app/commands/promote-agent.ts';
import { openEngine } from '../../../src/compose/engine.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { person } from '../../support/given-principal.ts';

const [file = '', name = '', people = '0', agents = '0', agentsInRound = '1'] = process.argv.slice(2);
const engine = await openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), {
  absent: 'create',
  operator: { id: 'operator:test', kind: 'PERSON' },
});
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const outcomes: Record<string, Record<string, number>> = {};

/** A store that lets nobody write before so many want to, and somebody lets them. */
function heldStore({ store }: App, votes: number) {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let allAsk: () => void = () => undefined;
  const bound = new Promise<void>((resolve) => (allAsk = resolve));
  let asking = 0;
  const held: Store = {
    reader: store.reader,
    write: async (work, options) => {
      asking += 1;
      if (asking === votes) allAsk();
      await opened;
      return store.write(work, options);
    },
  };
  return { held, bound, open };
}

async function vote(store: Store, agentId: string, voter: number): Promise<void> {
  const rest = { rationale: null, expectedTier: null, expectedEvidence: null };
  const input = { agentId, idempotencyKey: agentId, ...rest };
  const outcome = await promoteAgent({ ...engine.app, store }, person(`${name}-${voter}`), input).then(
    ({ kind }) => kind,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
  const counts = (outcomes[agentId] ??= {});
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}

for (let first = 0; first < Number(agents); first += Number(agentsInRound)) {
  const { held, bound, open } = heldStore(engine.app, Number(agentsInRound) * Number(people));
  const votes = Array.from({ length: Number(agentsInRound) }, (_, index) =>
    Array.from({ length: Number(people) }, (_none, voter) => vote(held, `agent-${first + index}`, voter)),
  );
  await bound;
  process.stdout.write('bound\n');
  await lines.next();
  open();
  await Promise.all(votes.flat());
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
await engine.close();
process.stdin.destroy();
