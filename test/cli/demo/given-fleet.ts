// The fleet of the demonstration on a real engine whose clock is moved by hand, beside a reviewer.
import { expect } from 'vitest';
import type { Principal } from '../../../src/compose/authentication.ts';
import { Fleet } from '../../../src/cli/demo/fleet.ts';
import { localApi } from '../../../src/cli/api/local-api.ts';
import { DenyDocument, PromoteDocument, RevokeDocument } from '../../../src/generated/graphql/cli.ts';
import type { Api } from '../../../src/cli/api/api.ts';
import { ask } from '../../../src/cli/api/ask.ts';
import { eligibleAgents } from '../../../src/cli/commands/agents/eligible.ts';
import { givenEngine } from '../../support/given-engine.ts';

const principal = (id: string, kind: 'SERVICE' | 'PERSON', ...roles: Principal['roles']): Principal => ({
  id,
  kind,
  roles: ['VIEWER', ...roles],
  agents: null,
  expiresAt: null,
});

/** A fleet on an engine of its own, whose ids and instants are counted. */
export async function givenFleet() {
  const { engine, app, clock } = await givenEngine();
  let id = 0;
  const newId = () => (id += 1).toString(16).padStart(32, '0').split('').reverse().join('');
  const as = (who: Principal): Api =>
    localApi({ engine, principal: who, present: (answer) => answer as never });
  const recorder = as(principal('demo-runner', 'SERVICE', 'RECORDER'));
  const reviewer = as(principal('demo-reviewer', 'PERSON', 'REVIEWER'));
  const fleet = await Fleet.gather({ recorder, reviewer, newId, now: () => clock.now() });
  return { fleet, app, clock, recorder, newId, admin: as(principal('ada', 'PERSON', 'REVIEWER', 'ADMIN')) };
}

type Given = Awaited<ReturnType<typeof givenFleet>>;
type Reviewing = (given: Given, agentId: string, nth: number) => Promise<void>;

const promotes: Reviewing = async ({ fleet, admin, newId }, agentId) => {
  const input = { agentId, idempotencyKey: newId(), rationale: 'All is well.' };
  const { promoteAgent } = await ask(admin, PromoteDocument, { input });
  if (promoteAgent.__typename === 'AgentPromoted')
    fleet.hear(agentId, { tier: promoteAgent.promotion.toTier, waits: false, isHeld: false });
};

const denies: Reviewing = async ({ admin, newId }, agentId) => {
  const input = { agentId, idempotencyKey: newId(), rationale: 'Not yet.' };
  await ask(admin, DenyDocument, { input });
};

const revokes: Reviewing = async ({ admin, newId }, agentId) => {
  const input = { agentId, idempotencyKey: newId(), reason: 'Stop.', toTier: null, suspend: true };
  await ask(admin, RevokeDocument, { input });
};

/** What a reviewer does about somebody who waits, by what it is called. */
export const REVIEWERS: readonly (readonly [string, Reviewing])[] = [
  ['does nothing', () => Promise.resolve()],
  ['promotes everybody', promotes],
  [
    'promotes every third',
    (given, agentId, nth) => (nth % 3 === 0 ? promotes(given, agentId, nth) : Promise.resolve()),
  ],
  ['denies everybody', denies],
  ['revokes everybody', revokes],
];

/** When somebody became eligible, in milliseconds after the start; read at the end, so that the hour is quick. */
async function eligibleInstants(recorder: Api): Promise<readonly number[]> {
  const query = `query Q($after: String) { ledger(first: 100, after: $after, filter: { types: [AGENT_BECAME_ELIGIBLE] }) {
    pageInfo { hasNextPage endCursor } nodes { at } } }`;
  const instants: number[] = [];
  for (let after: string | null = null; ;) {
    const { data } = (await recorder.answer({ query, variables: { after } })) as {
      data: { ledger: { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: { at: string }[] } };
    };
    instants.push(...data.ledger.nodes.map(({ at }) => Date.parse(at)));
    if (!data.ledger.pageInfo.hasNextPage) return instants.toSorted((one, other) => one - other);
    after = data.ledger.pageInfo.endCursor;
  }
}

/** Lets a fleet act for a while; nobody waits long for somebody to become eligible, and neither the fleet nor its ledger swells. */
export async function neverDriesUp(seconds: number, review: Reviewing): Promise<void> {
  const given = await givenFleet();
  const { fleet, clock, recorder } = given;
  const start = clock.now();
  let nth = 0;
  let most = 0;
  for (let second = 0; second < seconds; second += 1) {
    await fleet.act();
    if (second % 15 === 0) {
      const waiting = await eligibleAgents(recorder);
      most = Math.max(most, waiting.length);
      for (const { agentId } of waiting) await review(given, agentId, (nth += 1));
    }
    clock.advance(1_000);
  }
  const instants = [start, ...(await eligibleInstants(recorder)), clock.now()];
  const gaps = instants.slice(1).map((at, index) => at - (instants[index] ?? 0));
  expect(instants.length).toBeGreaterThan(seconds / 20);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(20_000);
  expect(fleet.size).toBeLessThanOrEqual(24);
  expect(most).toBeLessThanOrEqual(24);
  const { data } = (await recorder.answer({ query: '{ ledger { totalCount } }', variables: {} })) as {
    data: { ledger: { totalCount: number } };
  };
  expect(data.ledger.totalCount).toBeLessThanOrEqual(500 + 6 * seconds);
}
