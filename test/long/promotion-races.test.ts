import { expect, test } from 'vitest';
import { promoteAgent } from '../../src/app/commands/promote-agent.ts';
import { agentNow, givenEligible, RATIONALE } from '../support/given-agent.ts';
import { givenEngine, HandClock } from '../support/given-engine.ts';
import { person } from '../support/given-principal.ts';
import { startTogether, typescript } from '../support/process.ts';
import { counted } from './counted.ts';

const ROUNDS = counted(40);

/** How often each outcome came. */
async function outcomes(votes: readonly Promise<{ kind: string }>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const vote of await Promise.allSettled(votes)) {
    const name =
      vote.status === 'fulfilled' ? vote.value.kind : String((vote.reason as { code?: string }).code);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test(`${ROUNDS} times, 32 people at once through two engines give exactly one promotion`, async () => {
  const { app, file, clock } = await givenEngine();
  const { app: other } = await givenEngine({ file, clock });
  for (let round = 0; round < ROUNDS; round += 1) {
    const agentId = `agent-${round}`;
    await givenEligible(app, agentId);
    clock.advance(1);
    const votes = Array.from({ length: 32 }, (_, index) => {
      const rest = { rationale: RATIONALE, expectedTier: null, expectedEvidence: null };
      const input = { agentId, idempotencyKey: `${agentId}-${index}`, ...rest };
      return promoteAgent(index % 2 === 0 ? app : other, person(`person-${index}`), input);
    });
    expect(await outcomes(votes)).toEqual({ PROMOTED: 1, STALE_EVALUATION: 31 });
    expect((await agentNow(app, agentId)).state.tier).toBe('T1');
  }
});

test('people in four processes, each vote bound to the tier it found, give one promotion a tier and no more', async () => {
  const { app, file } = await givenEngine({ clock: new HandClock(Date.now()) });
  for (const agentId of ['a', 'b', 'c']) {
    await givenEligible(app, agentId);
    const ended = await startTogether(4, typescript('test/long/processes/promote.ts', file, agentId, '16'));
    for (const each of ended) expect(each).toMatchObject({ code: 0, stderr: '' });
    const found = ended.flatMap(({ stdout }) => stdout.trim().split('\n')).filter((line) => line !== 'ready');
    expect(found).toHaveLength(64);
    const promoted = found.filter((each) => each === 'PROMOTED').length;
    expect((await agentNow(app, agentId)).state.tier).toBe(`T${promoted}`);
    expect(promoted).toBeGreaterThan(0);
    // From T2 on a review needs a rationale, which nobody gives here.
    expect(new Set(found)).toEqual(
      new Set(['PROMOTED', 'STALE_EVALUATION', ...found.filter((each) => each === 'VALIDATION')]),
    );
  }
});
