// Records runs by many callers, each waiting for its answer, and says which are acknowledged and at which entry, until it
// is killed. Whoever is eligible is promoted.
import { promoteAgent } from '../../../src/app/promote-agent.ts';
import { openEngine } from '../../../src/compose.ts';
import { loadConfig } from '../../../src/config.ts';
import { givenAction, givenRun, record } from '../../support/given-runs.ts';
import { person } from '../../support/given-principal.ts';

const CALLERS = 24;
const [file = '', name = ''] = process.argv.slice(2);
const engine = await openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), {
  operator: { id: 'operator:test', kind: 'PERSON' },
});
const { app } = engine;

async function recordOne(agentId: string, runId: string): Promise<void> {
  const at = app.clock.now();
  const run = givenRun(at, { agentId, runId, actions: [givenAction('generate_plan', at)] });
  const [outcome] = (await record(app, [run])).outcomes;
  if (outcome?.status === 'RECORDED') process.stdout.write(`RUN_RECORDED ${outcome.seq} ${runId}\n`);
}

async function promoteOne(agentId: string): Promise<void> {
  const vote = { agentId, rationale: null, expectedTier: 'T0', expectedEvidence: null } as const;
  const { seq } = await promoteAgent(app, person('ann'), { ...vote, idempotencyKey: agentId });
  process.stdout.write(`AGENT_PROMOTED ${seq} ${agentId}\n`);
}

async function call(caller: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const agentId = `${name}-${caller}-${Math.floor(turn / 6)}`;
    await recordOne(agentId, `${agentId}-${turn}`);
    if (turn % 6 === 5) await promoteOne(agentId);
  }
}

await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
