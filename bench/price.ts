import { join } from 'node:path';
import { execute, getOperationAST, parse } from 'graphql';
import type { Engine } from '../src/compose/engine.ts';
import { operationCost } from '../src/graphql/operation-cost.ts';
import { DEFAULT_COST, UNIT_MICROSECONDS } from '../src/graphql/prices.ts';
import { atMost, sized, type Bench } from './bench.ts';
import { median } from './alternate.ts';
import { makeFleet } from './fleet/make-fleet.ts';
import { openFleet, principal } from './fleet/open-fleet.ts';
import { DEAR, type Dear } from './prices/documents.ts';
import { PROBES } from './prices/probes.ts';
import { promoteSome } from './prices/promote-some.ts';

const NOW = Date.UTC(2026, 5, 30, 12);
const VIEWER = principal('bench:viewer', 'REVIEWER');
const PAGE = 100;

/** What fields take of a core beside what they cost, and how long the dearest documents take that are let through. */
export const price: Bench = {
  about:
    'what fields take for their price, and the dearest documents that the default cost limit lets through',
  run: async (folder, scale) => {
    const file = join(folder, 'tierkeeper.db');
    const fleet = {
      agents: sized(1_000, scale, 120),
      actions: sized(100_000, scale, 2_400),
      now: NOW,
      oneIn: 3,
    };
    await makeFleet(file, fleet);
    const engine = await openFleet(file, { now: () => NOW });
    try {
      await promoteSome(engine.app, sized(300, scale, 9));
      const rounds = sized(30, scale, 2);
      const answering = new Answering(engine, rounds);
      const fields = await fieldLines(answering);
      const dear: string[] = [];
      let slowest = 0;
      for (const each of DEAR) {
        const { document, cost } = dearestOf(each, answering);
        const took = await answering.microseconds(document);
        slowest = Math.max(slowest, took / 1e6);
        dear.push(
          `${each.name.padEnd(30)} ${String(cost).padStart(7)} units  ${(took / 1_000).toFixed(0).padStart(5)} ms`,
        );
      }
      return {
        size: `${fleet.agents} agents, ${fleet.actions} actions; a unit is ${UNIT_MICROSECONDS} µs, the limit ${DEFAULT_COST}`,
        lines: [...fields, ...dear, atMost('the slowest of them, against a second', slowest, 0.7)],
        answer: `${DEAR.length} documents`,
      };
    } finally {
      await engine.close();
    }
  },
};

/** Answers documents in this process, and measures the time of the core that it takes. */
class Answering {
  readonly #engine: Engine;
  readonly #rounds: number;
  readonly #cost: ReturnType<typeof operationCost>;

  constructor(engine: Engine, rounds: number) {
    this.#engine = engine;
    this.#rounds = rounds;
    this.#cost = operationCost(engine.schema);
  }

  cost(text: string): number {
    const document = parse(text);
    const operation = getOperationAST(document);
    return operation == null ? 0 : this.#cost({ document, operation, variables: {} }).total;
  }

  /** The median of the rounds, after two more. */
  async microseconds(text: string): Promise<number> {
    const document = parse(text);
    const taken: number[] = [];
    for (let round = -2; round < this.#rounds; round++) {
      const began = process.cpuUsage();
      const contextValue = await this.#engine.contextFor(VIEWER);
      const result = await execute({ schema: this.#engine.schema, document, contextValue });
      if (result.errors !== undefined) throw new AggregateError(result.errors, result.errors[0]?.message);
      JSON.stringify(result);
      const { user, system } = process.cpuUsage(began);
      if (round >= 0) taken.push(user + system);
    }
    return median(taken);
  }
}

/** What a field adds to a page of agents, for each of them, in units: measured and priced. */
async function fieldLines(answering: Answering): Promise<readonly string[]> {
  const page = (selection: string) => `{ agents(first: ${PAGE}) { nodes { agentId ${selection} } } }`;
  const [bare, bareCost] = [await answering.microseconds(page('')), answering.cost(page(''))];
  const lines: string[] = [];
  for (const selection of PROBES) {
    const took = (await answering.microseconds(page(selection))) - bare;
    const costs = answering.cost(page(selection)) - bareCost;
    const units = took / UNIT_MICROSECONDS / PAGE;
    lines.push(
      `${selection.slice(0, 70).padEnd(70)}  ${units.toFixed(0).padStart(5)} units for ${(costs / PAGE).toFixed(0)}`,
    );
  }
  return lines;
}

/** The largest of a growing document that is let through. */
function dearestOf(
  { of, most }: Dear,
  answering: Answering,
): { readonly document: string; readonly cost: number } {
  let size = most;
  while (size > 1 && answering.cost(of(size)) > DEFAULT_COST) size -= 1;
  return { document: of(size), cost: answering.cost(of(size)) };
}
