import { describe, expect, it } from 'vitest';
import type { GivenVault } from '../../support/fake-vault/given-vault.ts';
import { ask, givenAdapter, opened, vaultErrorOf } from './given-adapter.ts';

const HOUR = 3_600_000;

function count(vault: GivenVault, path: string): number {
  return vault.seen.filter((request) => request.path === path && request.operation === 'update').length;
}
const logins = (vault: GivenVault) => count(vault, 'auth/tierkeeper/login');
const renewals = (vault: GivenVault) => count(vault, 'auth/token/renew-self');

describe('a role', () => {
  it('logs in once, however many calls come at once', async () => {
    const { vault, adapter } = await givenAdapter();
    await Promise.all(Array.from({ length: 20 }, (_, index) => adapter.entity(`agent-${index}`)));
    await adapter.agents();
    expect([logins(vault), renewals(vault)]).toEqual([1, 0]);
  });

  it.each(['hvs.caf\u00e9', 'two words', 'hvs.\r\nx: y', 'x'.repeat(100_000)])(
    'keeps no token that can not be sent, so that whoever gave it can mend that',
    async (token) => {
      const { vault, adapter } = await givenAdapter();
      vault.answersWith(200, JSON.stringify({ auth: { client_token: token, lease_duration: 3_600 } }));
      expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: 'NOT_VAULT', retryable: true });
      vault.heals();
      expect(await adapter.agents()).toEqual([]);
    },
  );

  it('has its token renewed at half its life', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    for (let half = 0; half < 5; half += 1) {
      vault.state().ahead += HOUR / 2;
      await adapter.agents();
    }
    expect([logins(vault), renewals(vault)]).toEqual([1, 5]);
  });

  it('logs in anew where renewing comes to an end, before its token does', async () => {
    const { vault, adapter } = await givenAdapter();
    await ask(vault, 'POST', 'auth/tierkeeper/role/server', { token_max_ttl: '2h' });
    await adapter.agents();
    for (let half = 0; half < 8; half += 1) {
      vault.state().ahead += HOUR / 2;
      await adapter.agents();
    }
    expect([logins(vault), vault.seen.some(({ path }) => path.endsWith('lookup-self'))]).toEqual([3, false]);
  });

  it('logs in anew if its token ended while nobody asked, or was revoked', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    vault.state().ahead += 2 * HOUR;
    await adapter.agents();
    expect(logins(vault)).toBe(2);
    for (const token of vault.state().tokens.keys())
      if (token !== vault.rootToken) vault.state().tokens.delete(token);
    await adapter.grant('eve', { tier: 'T1', position: 1 });
    expect(logins(vault)).toBe(3);
  });

  it('goes on with a token that counts while it can not be renewed, and tries again', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    vault.state().ahead += HOUR / 2;
    vault.meets(({ path }) => (path === 'auth/token/renew-self' ? 'ERROR_500' : null));
    for (let time = 0; time < 3; time += 1) expect(await adapter.agents()).toEqual([]);
    expect(renewals(vault)).toBe(1);
    vault.heals();
    vault.state().ahead += 11_000;
    await adapter.agents();
    expect([renewals(vault), logins(vault)]).toEqual([2, 1]);
  });

  it('does not log in again and again where it is denied something', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    vault
      .state()
      .policies.set('tierkeeper-server', 'path "auth/token/lookup-self" { capabilities = ["read"] }');
    for (let time = 0; time < 3; time += 1)
      expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: 'DENIED', retryable: true });
    expect(logins(vault)).toBe(1);
  });

  it('is told what to do if nobody is let in by its secret id', async () => {
    const { vault, adapter, auth } = await givenAdapter();
    vault.state().mounts.get('tierkeeper')?.roles.get('server')?.secretIds.clear();
    const { kind, retryable, message } = await vaultErrorOf(adapter.agents());
    expect([kind, retryable]).toEqual(['DENIED', true]);
    expect(message).toMatch(
      /VAULT_ROLE_ID and VAULT_SECRET_ID at auth\/tierkeeper\/login: issue a new secret id$/,
    );
    expect(message).not.toContain(auth.secretId);
  });
});

describe('a token', () => {
  const givenToken = async (body: object) => {
    const world = await givenAdapter();
    await ask(world.vault, 'POST', 'auth/token/create', { policies: ['tierkeeper-server'], ...body });
    const token = [...world.vault.state().tokens.keys()].at(-1) ?? '';
    return { ...world, byToken: opened({ ...world.place, auth: { kind: 'TOKEN', token } }, world) };
  };

  it('is renewed at half its life, and used for as long as it lasts', async () => {
    const { vault, byToken } = await givenToken({ ttl: '1h', explicit_max_ttl: '2h' });
    for (let half = 0; half < 4; half += 1) {
      await byToken.agents();
      vault.state().ahead += HOUR / 2;
    }
    expect([logins(vault), renewals(vault) > 1]).toEqual([0, true]);
    vault.state().ahead += HOUR;
    expect(await vaultErrorOf(byToken.agents())).toMatchObject({ kind: 'DENIED' });
    expect(logins(vault)).toBe(0);
  });

  it('is not renewed if it does not end, or can not be', async () => {
    for (const body of [
      { ttl: '1h', renewable: false },
      { ttl: '1h', renewable: false, no_default_policy: true },
    ]) {
      const { vault, byToken } = await givenToken(body);
      await byToken.agents();
      vault.state().ahead += HOUR * 0.9;
      await byToken.agents();
      expect(renewals(vault)).toBe(0);
    }
  });

  it('asks in its namespace', async () => {
    const { vault, place, clock } = await givenAdapter();
    const auth = { kind: 'TOKEN', token: vault.rootToken } as const;
    const inTeam = opened({ ...place, namespace: 'team', auth }, { clock });
    await inTeam.grant('eve', { tier: 'T1', position: 1 });
    expect([vault.state('team').entities.size, vault.state().entities.size]).toEqual([1, 0]);
  });
});

it('a role of a namespace logs in there', async () => {
  const { vault, place, clock, auth } = await givenAdapter();
  expect(await vaultErrorOf(opened({ ...place, namespace: 'team', auth }, { clock }).agents())).toMatchObject(
    {
      kind: 'DENIED',
    },
  );
  expect(vault.seen.at(-1)).toMatchObject({ namespace: 'team', path: 'auth/tierkeeper/login' });
});
