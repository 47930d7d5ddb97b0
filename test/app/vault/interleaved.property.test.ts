import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANCES, InterleavedWorld, type Chance } from './interleaved.ts';

const WEIGHTS: Partial<Record<Chance, number>> = { NOTHING: 4, PROMOTE: 4, LATE: 3, REVOKE: 2 };
const weighted = (of: readonly Chance[]) =>
  fc.array(
    fc.oneof(...of.map((chance) => ({ weight: WEIGHTS[chance] ?? 1, arbitrary: fc.constant(chance) }))),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
const waits = fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 1, maxLength: 10 });

/** Lets time pass and deliveries run until nothing is left to happen. */
async function untilDone(
  world: InterleavedWorld,
  waits: readonly number[],
  look: () => void = () => undefined,
): Promise<void> {
  for (let round = 0; round < 5_000 && (!world.isDone || world.hasChances); round += 1) {
    world.now += waits[round % waits.length] ?? 50;
    await world.vault.applyLate();
    if (world.isDone) world.command(world.take());
    await world.deliver();
    look();
  }
}

test('whatever is lost, comes late or is decided meanwhile, Vault never ends above the ledger, and equal to it once compared', async () => {
  await fc.assert(
    fc.asyncProperty(weighted(CHANCES), waits, async (chance, waits) => {
      const world = new InterleavedWorld([...chance]);
      await untilDone(world, waits);
      expect(world.isDone).toBe(true);
      expect(world.isAbove).toBe(false);
      // What came late may have left it below: the next comparison finds that.
      world.compare();
      await untilDone(world, waits);
      const { tier, disabled } = world.vault.entities.get('eve') ?? {};
      expect({ tier, disabled }).toEqual(world.wanted);
    }),
    { numRuns: 2_000 },
  );
});

test('between a lowering and its end nothing is sent that raises, and only what was sent before can lift it until then', async () => {
  await fc.assert(
    fc.asyncProperty(weighted(CHANCES), waits, async (chance, waits) => {
      const world = new InterleavedWorld([...chance]);
      await untilDone(world, waits, () => {
        if (chance.includes('LATE')) return;
        expect(world.isAbove && !world.isLowering && !world.isSettling).toBe(false);
      });
      expect(world.vault.raisedWhileSettling).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});
