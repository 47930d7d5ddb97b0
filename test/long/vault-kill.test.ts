import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { App } from '../../src/app/ports.ts';
import { eventually, toldOf } from '../app/vault/given-followed.ts';
import { heldIn } from '../app/vault/given-served-vault.ts';
import { bundled } from '../support/bundled.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { givenEngine, RunningClock } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { start } from '../support/process.ts';

/** How many requests a grant and a lowering take together, one after the other's commit. */
const REQUESTS = 11;
/** When the process dies: before Vault applies the request, after that but unanswered, or as it is answered. */
const MOMENTS = ['RESET_BEFORE', 'RESET_AFTER', 'ANSWERED'] as const;

const ROUNDS = Array.from({ length: REQUESTS }, (_, index) => ({
  request: index + 1,
  moment: MOMENTS[index % MOMENTS.length] ?? 'ANSWERED',
})).flatMap((round) => [
  round,
  { ...round, moment: round.moment === 'RESET_AFTER' ? 'ANSWERED' : 'RESET_AFTER' } as const,
]);

/** Starts a process that follows. */
async function following(command: readonly string[], file: string, vault: GivenVault) {
  const { process, ended } = start([...command, file, vault.address, vault.rootToken]);
  await once(process.stdout ?? process, 'data');
  return { process, ended };
}

/** Waits until everything is told and confirmed, each entry once. */
async function converged(app: App, vault: GivenVault, round: number): Promise<void> {
  const [up, down] = [`up-${round}`, `down-${round}`];
  await eventually(async () => {
    expect((await toldOf(app, up)).at(-1)).toBe('CONFIRMED T1');
    expect((await toldOf(app, down)).at(-1)).toBe('CONFIRMED T0');
  }, 60_000);
  expect(heldIn(vault, up)).toEqual({ tier: 'T1', disabled: false });
  expect(heldIn(vault, down)).toEqual({ tier: 'T0', disabled: false });
  expect(await toldOf(app, up)).toEqual(['CONFIRMED T0', 'CONFIRMED T1']);
  expect(await toldOf(app, down)).toEqual(['CONFIRMED T1', 'CONFIRMED T0']);
}

test(`killed at each of ${REQUESTS} requests between commit and confirmation, a follower that starts again forgets nothing and tells nothing twice`, async () => {
  const { app, file, engine } = await givenEngine({ clock: new RunningClock() });
  const vault = await givenVault();
  const command = await bundled('test/long/processes/follow.ts');
  let killed = 0;
  for (const [round, { request, moment }] of ROUNDS.entries()) {
    await givenEligible(app, `up-${round}`);
    await givenEligible(app, `down-${round}`, 'T1');
    const { process } = await following(command, file, vault);
    await eventually(async () => {
      expect((await toldOf(app, `up-${round}`)).at(-1)).toBe('CONFIRMED T0');
      expect((await toldOf(app, `down-${round}`)).at(-1)).toBe('CONFIRMED T1');
    }, 60_000);
    let left = request;
    vault.meets(({ path }) => {
      if (!path.includes(`-${round}`)) return null;
      left -= 1;
      if (left > 0) return null;
      if (left === 0) killed += 1;
      process.kill('SIGKILL');
      return moment === 'ANSWERED' ? null : moment;
    });
    await promote(app, ANN, `up-${round}`);
    await revoke(app, { agentId: `down-${round}`, toTier: 'T0' });
    await once(process, 'close');
    vault.heals();
    const again = await following(command, file, vault);
    await converged(app, vault, round);
    again.process.stdin?.end();
    expect(await again.ended).toMatchObject({ code: 0, stderr: '' });
  }
  expect(killed).toBe(ROUNDS.length);
  const [standing] = await engine.followers.store.standings();
  expect(standing).toMatchObject({ pending: 0, dead: 0 });
});
