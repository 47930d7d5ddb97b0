import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TIERS, isBelow } from '../../../src/governance/tier.ts';
import {
  vaultStep,
  type HeldPrivilege,
  type VaultPrivilege,
} from '../../../src/governance/vault/vault-plan.ts';

const wanted: fc.Arbitrary<VaultPrivilege> = fc.record({
  tier: fc.constantFrom(...TIERS),
  disabled: fc.boolean(),
});
const held: fc.Arbitrary<HeldPrivilege | null> = fc.option(
  fc.record({
    tier: fc.option(fc.constantFrom(...TIERS)),
    disabled: fc.boolean(),
    policies: fc.constantFrom([], ['root'], ['tierkeeper-tier-1', 'other']),
  }),
);

/** What an entity holds after a step was applied. */
function after(
  step: ReturnType<typeof vaultStep>,
  to: VaultPrivilege,
  from: HeldPrivilege | null,
): HeldPrivilege {
  const before = from ?? { tier: null, policies: [], disabled: false };
  const written = { ...before, tier: to.tier, policies: ['tier'] };
  if (step === 'LOWER') return { ...written, disabled: true };
  if (step === 'GRANT') return written;
  return step === 'ENABLE' ? { ...before, disabled: false } : before;
}

test('no step that raises leads above what is wanted, and lowering comes before it', () => {
  fc.assert(
    fc.property(wanted, held, (to, from) => {
      const step = vaultStep(to, from);
      const isAbove =
        from !== null &&
        ((to.disabled && !from.disabled) ||
          (from.tier === null ? from.policies.length > 0 : isBelow(to.tier, from.tier)));
      if (isAbove) expect(step).toBe('LOWER');
      const then = after(step, to, from);
      if (step === 'GRANT' || step === 'ENABLE') {
        expect(to.disabled).toBe(false);
        expect(then.tier).toBe(to.tier);
      }
    }),
  );
});

test('three steps lead from anything to what is wanted, and then there is nothing to do', () => {
  fc.assert(
    fc.property(wanted, held, (to, from) => {
      let entity = from;
      for (let steps = 0; steps < 3; steps += 1) entity = after(vaultStep(to, entity), to, entity);
      expect(vaultStep(to, entity)).toBe('NONE');
      expect({ tier: entity?.tier, disabled: entity?.disabled }).toEqual(to);
    }),
  );
});
