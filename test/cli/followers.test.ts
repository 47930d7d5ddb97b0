import { expect, it } from 'vitest';
import { givenEligible } from '../support/given-agent.ts';
import { rawConnection } from '../support/temp-database.ts';
import { fileOf, givenDatabase } from './given-cli.ts';
import { piped } from './in-this-process.ts';

/** A ledger whose follower has given up to tell of eve. */
async function givenDeadLetter() {
  const variables = await givenDatabase(async (app) => {
    await givenEligible(app);
  });
  rawConnection(fileOf(variables)).exec(`
    INSERT INTO followers (name, position, holder, held_until, breaker, last_error, unknown)
      VALUES ('vault', 1, NULL, 0, 'CLOSED', 'permission denied', '[]');
    INSERT INTO deliveries (follower, key, agent_id, seq, since, rank, progress, due_at, attempts, error, dead)
      VALUES ('vault', 'eve', 'eve', 1, 0, 1, NULL, 0, 8, 'permission denied', true)`);
  return variables;
}

it('nothing is said to follow a ledger that nothing has followed yet', async () => {
  const variables = await givenDatabase(() => Promise.resolve());
  expect(await piped(['followers'], variables)).toMatchObject({
    code: 0,
    stdout: 'Nothing has followed this ledger yet.\n',
  });
});

it('what a follower gave up is listed, and tried again once it is asked for', async () => {
  const variables = await givenDeadLetter();
  expect((await piped(['followers'], variables)).stdout).toContain(
    'gave up eve after 8 times: permission denied',
  );
  const [before] = (await piped(['followers', '--json'], variables)).json() as readonly object[];
  expect(before).toMatchObject({ name: 'vault', dead: 1, pending: 0, deadLetters: [{ key: 'eve' }] });
  const { code, stdout } = await piped(['followers', '--retry', 'vault'], variables);
  expect([code, stdout]).toEqual([0, '✓ 1 that vault gave up will be tried again.\n']);
  const [after] = (await piped(['followers', '--json'], variables)).json() as readonly object[];
  expect(after).toMatchObject({ dead: 0, pending: 1, deadLetters: [] });
  expect((await piped(['followers', '--retry', 'vault'], variables)).stdout).toBe(
    'vault has given up nothing.\n',
  );
});

it('a follower that there is not is refused as wrong usage', async () => {
  const variables = await givenDeadLetter();
  const { code, stderr } = await piped(['followers', '--retry', 'slack'], variables);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no follower slack: name one that `tierkeeper followers` lists.');
});
