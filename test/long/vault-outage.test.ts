// Whatever is wrong with a Vault, as a server starts and while it runs, over real HTTP.
import { describe, expect, test, vi } from 'vitest';
import { givenDatabase } from '../cli/given-cli.ts';
import { givenFollowingServer, served, type FollowingServer } from '../cli/vault/given-following-server.ts';
import type { Fault } from '../support/fake-vault/faults.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible } from '../support/given-agent.ts';

vi.setConfig({ testTimeout: 240_000 });

/** What the log says of a lowering that can't be delivered. */
const LATE = 'a lowering could not be delivered yet';

/** Something that is wrong with a Vault: how it begins and ends, and what it is told as. */
interface Trouble {
  readonly begin: (vault: GivenVault) => unknown;
  readonly end: (vault: GivenVault) => unknown;
  readonly told: string;
  /** What people must mend is FAILED; what passes is PENDING. */
  readonly state: 'PENDING' | 'FAILED';
}

const faulty = (fault: Fault, told: string, state: Trouble['state'] = 'PENDING'): Trouble => ({
  begin: (vault) => {
    vault.meets(() => fault);
  },
  end: (vault) => {
    vault.heals();
  },
  told,
  state,
});

/** Ends the only token, or brings it back. */
const ending = (expiresAt: number) => (vault: GivenVault) => {
  const token = vault.state().tokens.get(vault.rootToken);
  if (token === undefined) throw new Error('There is no root token.');
  token.expiresAt = expiresAt;
};

const DOWN: Trouble = {
  begin: (vault) => vault.stop(),
  end: (vault) => vault.start(),
  told: "can't be reached: ECONNREFUSED",
  state: 'PENDING',
};

/** The first is there as a server starts, what follows while it runs; where nothing follows, the same once more. */
const TROUBLES: Readonly<Record<string, readonly [Trouble, ...Trouble[]]>> = {
  'is down, or breaks connections': [DOWN, DOWN, faulty('RESET_BEFORE', "can't be reached: ECONNRESET")],
  'takes requests and never answers': [faulty('SLOW', 'did not answer in time')],
  'is a page that asks to sign in': [faulty('HTML', 'is no Vault', 'FAILED')],
  'sends to another host': [faulty('REDIRECT', 'sends elsewhere, which is not followed', 'FAILED')],
  'is sealed, fails or stands by': [
    faulty('SEALED', 'is sealed'),
    faulty('ERROR_500', 'Vault answered 500'),
    faulty('STANDBY_429', 'only stands by'),
    faulty('STANDBY_472', 'only stands by'),
    faulty('STANDBY_473', 'only stands by'),
  ],
  'does not know the token any more': [
    {
      begin: ending(0),
      end: ending(Infinity),
      told: 'the token is not valid',
      state: 'FAILED',
    },
  ],
};

/** Promotes an agent from T0 while Vault is in trouble, and sees who tells of it. */
async function promotedInTrouble(server: FollowingServer, agentId: string, { told, state }: Trouble) {
  expect(await server.promote(agentId)).toMatchObject({
    __typename: 'AgentPromoted',
    agent: { tier: 'T1', permits: expect.arrayContaining(['terraform_plan']) as unknown },
  });
  await served(async () => {
    expect(await server.standing(agentId)).toMatchObject({ tier: 'T1', vault: { desired: 'T1', state } });
    const { status, vault } = await server.ready();
    expect([status, vault]).toEqual([
      200,
      expect.objectContaining({ lastError: expect.stringContaining(told) as unknown }),
    ]);
    expect(vault?.pending).toBeGreaterThan(0);
    expect(await server.metric('oldest_seconds')).toBeGreaterThan(0);
    expect(await server.metric('breaker_open')).toBe(1);
  });
}

/** Waits until an agent is confirmed at a tier, and nobody tells of trouble any more. */
async function confirmed(server: FollowingServer, agentId: string, tier = 'T1') {
  await served(async () => {
    const vault = { desired: tier, confirmed: tier, state: 'CONFIRMED' };
    expect(await server.standing(agentId)).toEqual({ tier, vault });
    const ready = await server.ready();
    expect([ready.status, ready.vault]).toEqual([
      200,
      { lag: 0, pending: 0, breaker: 'CLOSED', lastError: null, deadLetters: 0 },
    ]);
    expect(await server.metric('oldest_seconds')).toBe(0);
    expect(await server.metric('breaker_open')).toBe(0);
  });
}

describe.each(Object.entries(TROUBLES))('a Vault that %s', (_, [atStart, ...later]) => {
  test('keeps no server from starting, stopping or promoting, is told of, and follows once it is well', async () => {
    const vault = await givenVault();
    const troubles = [atStart, ...(later.length === 0 ? [atStart] : later)];
    const database = await givenDatabase(async (app) => {
      for (const index of troubles.keys()) await givenEligible(app, `agent-${index}`);
    });
    await atStart.begin(vault);
    const server = await givenFollowingServer(vault, database);
    for (const [index, trouble] of troubles.entries()) {
      if (index > 0) await trouble.begin(vault);
      await promotedInTrouble(server, `agent-${index}`, trouble);
      await trouble.end(vault);
      await confirmed(server, `agent-${index}`);
    }
    await atStart.begin(vault);
    server.process.kill('SIGTERM');
    expect(await server.ended).toMatchObject({
      code: 0,
      stderr: expect.not.stringMatching(/"level":[56]0/) as unknown,
    });
  });
});

test.each([
  ['is down', DOWN],
  ['never answers', faulty('SLOW', 'did not answer in time')],
])(
  'a revocation while Vault %s holds at once, is an alarm in the log and in the metrics, and lands before all that waits',
  async (_, trouble) => {
    const vault = await givenVault();
    const others = ['a', 'b', 'c', 'd'];
    const database = await givenDatabase(async (app) => {
      await givenEligible(app, 'eve', 'T1');
      for (const agentId of others) await givenEligible(app, agentId);
    });
    const server = await givenFollowingServer(vault, database);
    await confirmed(server, 'eve');
    await trouble.begin(vault);
    for (const agentId of others.slice(0, 2)) await server.promote(agentId);
    expect(await server.revoke('eve', 'T0')).toEqual({
      __typename: 'AgentRevoked',
      agent: { tier: 'T0', vault: { desired: 'T0', confirmed: 'T1', state: 'PENDING' } },
    });
    await served(async () => {
      expect(server.log).toEqual([
        expect.objectContaining({
          level: 50,
          follower: 'vault',
          agentId: 'eve',
          msg: expect.stringContaining(LATE) as unknown,
        }),
      ]);
      expect(await server.metric('lowering_seconds')).toBeGreaterThan(0);
    }, 5_000);
    // The longer the lowering has waited, the less often it would be tried by itself.
    await served(async () => {
      expect(await server.metric('lowering_seconds')).toBeGreaterThan(4);
    });
    for (const agentId of others.slice(2)) await server.promote(agentId);
    const before = vault.seen.length;
    await trouble.end(vault);
    await confirmed(server, 'eve', 'T0');
    for (const agentId of others) await confirmed(server, agentId);
    const writes = vault.seen
      .slice(before)
      .filter(({ operation, path }) => operation === 'update' && path.includes('/agent-'));
    expect(writes[0]?.path).toBe('identity/entity/name/agent-eve');
    expect(await server.metric('lowering_seconds')).toBe(0);
    // Said once, however often it was tried.
    expect(server.log).toHaveLength(1);
    expect(JSON.stringify(server.log)).not.toContain(vault.rootToken);
  },
);
