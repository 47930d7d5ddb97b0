// Votes for one agent as many people at once, beside other processes that do the same; prints what each vote came to.
import { promoteAgent } from '../../../src/app/commands/promote-agent.ts';
import { openEngine } from '../../../src/compose/engine.ts';
import { loadConfig } from '../../../src/config/config.ts';
import { barrier } from '../../support/barrier.ts';
import { person } from '../../support/given-principal.ts';

const [file = '', agentId = '', count = '0'] = process.argv.slice(2);
const engine = await openEngine(loadConfig({ DATABASE_URL: `file:${file}` }), {
  absent: 'create',
  operator: { id: 'operator:test', kind: 'PERSON' },
});
await barrier();
const votes = Array.from({ length: Number(count) }, async (_, index) => {
  const voter = person(`person-${process.pid}-${index}`);
  const vote = { agentId, rationale: null, expectedTier: null, expectedEvidence: null };
  const idempotencyKey = `${index}`;
  return promoteAgent(engine.app, voter, { ...vote, idempotencyKey }).then(
    ({ kind }) => kind,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
});
for (const outcome of await Promise.all(votes)) process.stdout.write(`${outcome}\n`);
await engine.close();
