import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Policy } from '../../../src/governance/policy.ts';
import { HandClock, openedEngine } from '../../support/given-engine.ts';
import { newMemoryFolder } from '../../support/memory-folder.ts';
import { ComparedTelling } from './compared-telling.ts';
import type { NaiveView } from './naive-agent.ts';
import { NaiveAgents } from './naive-agents.ts';
import { soundLedger } from '../proof/sound-ledger.ts';
import { toldSequence, type ToldStep } from './told-steps.ts';

/** Tells a story to an engine and to the naive model, and compares what everybody sees after every step. Gives what they see in the end. */
export async function tellStory(policy: Policy, steps: readonly ToldStep[]): Promise<readonly NaiveView[]> {
  return withStories(policy, async (tell) => {
    const told = await tell(steps, '');
    await told.comparePast();
    return told.views;
  });
}

/**
 * Tells so many sequences to one engine under a policy, each of agents of its own, and compares in the same way. Gives what
 * became of all these agents.
 */
export async function tellSequences(
  policy: Policy,
  { numRuns, seed }: { readonly numRuns: number; readonly seed: number },
): Promise<readonly NaiveView[]> {
  const views: NaiveView[] = [];
  let told = 0;
  await withStories(policy, (tell) =>
    fc.assert(
      fc.asyncProperty(toldSequence, async (steps) => {
        told += 1;
        views.push(...(await tell(steps, `-${told}`)).views);
      }),
      { numRuns, seed },
    ),
  );
  return views;
}

type Tell = (steps: readonly ToldStep[], suffix: string) => Promise<ComparedTelling>;

/** One engine for stories; its ledger must be sound in the end. */
async function withStories<T>(policy: Policy, stories: (tell: Tell) => Promise<T>): Promise<T> {
  const folder = newMemoryFolder();
  const file = join(folder, 'tierkeeper.db');
  const clock = new HandClock();
  const { engine, close } = await openedEngine({ file, clock, policy });
  try {
    return await stories(async (steps, suffix) => {
      const told = new ComparedTelling(engine, clock, new NaiveAgents(policy, clock.now()), policy);
      for (const step of steps)
        await told.tell('agentId' in step ? { ...step, agentId: `${step.agentId}${suffix}` } : step);
      await told.compare();
      return told;
    });
  } finally {
    await close();
    await soundLedger(file, { now: clock.now(), policy });
    rmSync(folder, { recursive: true });
  }
}
