import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { eventually, lastTold, toldOf } from '../app/vault/given-followed.ts';
import { heldIn } from '../app/vault/given-served-vault.ts';
import { bundled } from '../support/bundled.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { givenEngine, RunningClock, type GivenEngine } from '../support/given-engine.ts';
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

/** Starts a process that follows, and kills itself before a step if so told. */
async function following(command: readonly string[], file: string, vault: GivenVault, step = Infinity) {
  const { process, ended } = start([...command, file, vault.address, vault.rootToken, String(step)]);
  await once(process.stdout ?? process, 'data');
  return { process, ended };
}

/** An agent to promote and one to revoke. */
async function givenAgents(app: App, round: number): Promise<void> {
  await givenEligible(app, `up-${round}`);
  await givenEligible(app, `down-${round}`, 'T1');
}

/** Waits until all that has happened so far is told; gives how much that is of each of the two. */
async function confirmed({ app, engine }: GivenEngine, round: number): Promise<Told> {
  await eventually(async () => {
    expect(await lastTold(app, `up-${round}`)).toBe('CONFIRMED T0');
    expect(await lastTold(app, `down-${round}`)).toBe('CONFIRMED T1');
    expect((await engine.followers.store.standings())[0]).toMatchObject({ pending: 0, lag: 0 });
  }, 60_000);
  const [up, down] = [await toldOf(app, `up-${round}`), await toldOf(app, `down-${round}`)];
  return { up: up.length, down: down.length };
}

/** How often the ledger has told of an agent that is promoted, and of one that is revoked. */
interface Told {
  readonly up: number;
  readonly down: number;
}

/** Waits until everything is told and confirmed, each entry once. */
async function converged(app: App, vault: GivenVault, round: number, before: Told): Promise<void> {
  const [up, down] = [`up-${round}`, `down-${round}`];
  await eventually(async () => {
    expect(await lastTold(app, up)).toBe('CONFIRMED T1');
    expect(await lastTold(app, down)).toBe('CONFIRMED T0');
  }, 60_000);
  expect(heldIn(vault, up)).toEqual({ tier: 'T1', disabled: false });
  expect(heldIn(vault, down)).toEqual({ tier: 'T0', disabled: false });
  expect((await toldOf(app, up)).slice(before.up)).toEqual(['CONFIRMED T1']);
  expect((await toldOf(app, down)).slice(before.down)).toEqual(['CONFIRMED T0']);
}

test(`killed at each of ${REQUESTS} requests between commit and confirmation, a follower that starts again forgets nothing and tells nothing twice`, async () => {
  const given = await givenEngine({ clock: new RunningClock() });
  const { app, file, engine } = given;
  const vault = await givenVault();
  const command = await bundled('test/long/processes/follow.ts');
  let killed = 0;
  let follower = await following(command, file, vault);
  for (const [round, { request, moment }] of ROUNDS.entries()) {
    await givenAgents(app, round);
    const { process } = follower;
    const before = await confirmed(given, round);
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
    follower = await following(command, file, vault);
    await converged(app, vault, round, before);
  }
  follower.process.stdin?.end();
  expect(await follower.ended).toMatchObject({ code: 0, stderr: '' });
  expect(killed).toBe(ROUNDS.length);
  const [standing] = await engine.followers.store.standings();
  expect(standing).toMatchObject({ pending: 0, dead: 0 });
});

/** How many followers die at the same time: most of the time each waits for the lease of the one before. */
const LANES = 4;

/** Kills one follower after another, at every n-th step, until one comes to its end before it; gives the steps. */
async function killedAtSteps(lane: number, command: readonly string[]): Promise<readonly number[]> {
  const given = await givenEngine({ clock: new RunningClock() });
  const { app, file } = given;
  const vault = await givenVault();
  const steps: number[] = [];
  let follower = await following(command, file, vault, lane + 1);
  for (let step = lane + 1; ; step += LANES) {
    await givenAgents(app, step);
    const { process, ended } = follower;
    const before = await confirmed(given, step);
    process.stdin?.write('count\n');
    await promote(app, ANN, `up-${step}`);
    await revoke(app, { agentId: `down-${step}`, toTier: 'T0' });
    const end = await Promise.race([
      ended,
      converged(app, vault, step, before).then(
        () => null,
        () => ended,
      ),
    ]);
    if (end === null) {
      // It may still come to its step while it stops.
      process.stdin?.end();
      expect(await ended).toMatchObject({ stderr: '' });
      return steps;
    }
    expect(end).toMatchObject({ code: null, stderr: '' });
    steps.push(step);
    follower = await following(command, file, vault, step + LANES);
    await converged(app, vault, step, before);
  }
}

test('killed before each of its calls of the database and of Vault, too', async () => {
  const command = await bundled('test/long/processes/follow.ts');
  const lanes = Array.from({ length: LANES }, (_, lane) => killedAtSteps(lane, command));
  const steps = (await Promise.all(lanes)).flat().sort((a, b) => a - b);
  console.info(`Killed before ${steps.length} steps.`);
  // A grant, a lowering and what surrounds them are that many at least.
  expect(steps.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});
