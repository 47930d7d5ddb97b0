import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowsByAgent } from '../../../src/app/import-ledger/rows-by-agent.ts';

const byAgent = (a: { agentId: string }, b: { agentId: string }) => (a.agentId < b.agentId ? -1 : 1);

describe('rows by agent', () => {
  it('reach their agent or are foreign: every row once, in its order', () => {
    const row = fc.record({ agentId: fc.constantFrom('a', 'b', 'c', 'd', 'e'), n: fc.nat() });
    fc.assert(
      fc.property(fc.array(row), fc.subarray(['a', 'b', 'c', 'd', 'e']), (unsorted, agents) => {
        const rows = unsorted.toSorted(byAgent);
        const foreign: typeof rows = [];
        const wanted = new Map(agents.map((agentId) => [agentId, null]));
        const byAgents = new RowsByAgent(rows, { wanted, foreign: (each) => foreign.push(each) });
        for (const agent of agents)
          expect([...byAgents.of(agent)]).toEqual(rows.filter(({ agentId }) => agentId === agent));
        byAgents.finish();
        expect(foreign).toEqual(rows.filter(({ agentId }) => !wanted.has(agentId)));
      }),
    );
  });

  it('are read no further than they are asked for', () => {
    let read = 0;
    const rows = function* () {
      for (const agentId of ['a', 'b', 'b']) {
        read += 1;
        yield { agentId };
      }
    };
    const byAgents = new RowsByAgent(rows(), {
      wanted: new Map([
        ['a', 1],
        ['b', 1],
      ]),
      foreign: () => undefined,
    });
    expect([...byAgents.of('a')]).toHaveLength(1);
    expect(read).toBe(2);
  });

  it('that stand out of order are never lost in silence', () => {
    const rows = ['b', 'a'].map((agentId) => ({ agentId }));
    const byAgents = new RowsByAgent(rows, {
      wanted: new Map([
        ['a', 1],
        ['b', 1],
      ]),
      foreign: () => undefined,
    });
    for (const agent of ['a', 'b']) Array.from(byAgents.of(agent));
    expect(() => byAgents.finish()).toThrow('The rows of a stand out of order.');
  });
});
