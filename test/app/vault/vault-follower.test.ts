import { describe, expect, test } from 'vitest';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { agentNow, givenEligible, promote } from '../../support/given-agent.ts';
import { reinstate, revoke } from '../../support/given-authority.ts';
import { ANN } from '../../support/given-principal.ts';
import { givenRun, record } from '../../support/given-runs.ts';
import { eventually, givenFollowed, toldOf } from './given-followed.ts';
import type { MemoryVault } from './memory-vault.ts';

const held = (vault: MemoryVault, agentId = 'eve') => {
  const { tier, disabled } = vault.entities.get(agentId) ?? {};
  return { tier, disabled };
};

describe('a grant', () => {
  test('follows a registration and a promotion, is read back, and told once each', async () => {
    const { app, vault } = await givenFollowed();
    await givenEligible(app);
    await eventually(async () => {
      expect(await toldOf(app, 'eve')).toEqual(['CONFIRMED T0']);
    });
    await promote(app, ANN, 'eve');
    await eventually(async () => {
      expect(await toldOf(app, 'eve')).toEqual(['CONFIRMED T0', 'CONFIRMED T1']);
    });
    expect(held(vault)).toEqual({ tier: 'T1', disabled: false });
    expect(vault.writes).toEqual(['T0 eve', 'T1 eve']);
  });
});

describe('a lowering', () => {
  test('disables at once, destroys the secret ids, and enables the lower tier only after it was written again', async () => {
    const { app, vault } = await givenFollowed();
    await givenEligible(app, 'eve', 'T2');
    await eventually(async () => {
      expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T2');
    });
    vault.writes.length = 0;
    await revoke(app, { toTier: 'T0' });
    await eventually(() => {
      expect(held(vault)).toEqual({ tier: 'T0', disabled: true });
    });
    await eventually(async () => {
      expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T0');
    });
    expect(vault.writes).toEqual([
      'T0 disabled eve',
      'destroySecretIds eve',
      'T0 disabled eve',
      'enable eve',
    ]);
    expect(held(vault)).toEqual({ tier: 'T0', disabled: false });
  });

  test('of a suspended agent stays disabled until it is reinstated', async () => {
    const { app, vault } = await givenFollowed();
    await givenEligible(app, 'eve', 'T1');
    await revoke(app);
    await eventually(async () => {
      expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T1 disabled');
    });
    expect(held(vault)).toEqual({ tier: 'T1', disabled: true });
    await reinstate(app);
    await eventually(async () => {
      expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T1');
    });
    expect(held(vault)).toEqual({ tier: 'T1', disabled: false });
  });

  test('does not wait for a grant of the same agent that hangs, which then can’t lift the disabling', async () => {
    const { app, vault } = await givenFollowed();
    await givenEligible(app, 'eve', 'T0');
    await eventually(async () => {
      expect(await toldOf(app, 'eve')).toEqual(['CONFIRMED T0']);
    });
    let applyLate: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      applyLate = resolve;
    });
    let isHanging = false;
    vault.onCall = async (what) => {
      if (what !== 'grant') return;
      isHanging = true;
      await late;
    };
    await promote(app, ANN, 'eve');
    await eventually(() => {
      expect(isHanging).toBe(true);
    });
    await revoke(app, { toTier: 'T0' });
    await eventually(() => {
      expect(held(vault)).toEqual({ tier: 'T0', disabled: true });
    });
    applyLate();
    await eventually(() => {
      expect(held(vault)).toEqual({ tier: 'T1', disabled: true });
    });
    await eventually(async () => {
      expect(await toldOf(app, 'eve')).toEqual(['CONFIRMED T0', 'CONFIRMED T0']);
    });
    expect(held(vault)).toEqual({ tier: 'T0', disabled: false });
  });

  test('that can’t be delivered is an alarm within five seconds, holds in Tierkeeper, and lands first of all', async () => {
    const { app, vault, watch } = await givenFollowed();
    const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
    await givenEligible(app, 'eve', 'T1');
    await eventually(async () => {
      expect((await toldOf(app, 'eve')).at(-1)).toBe('CONFIRMED T1');
    });
    vault.onCall = () => Promise.reject(new VaultError('UNREACHABLE', 'Vault is down.', true));
    await record(
      app,
      others.map((agentId) => givenRun(Date.now(), { agentId })),
    );
    await revoke(app, { toTier: 'T0' });
    expect((await agentNow(app)).state.tier).toBe('T0');
    await eventually(() => {
      expect(watch.lates.length).toBeGreaterThan(0);
    }, 5_000);
    vault.writes.length = 0;
    vault.onCall = () => Promise.resolve();
    await eventually(() => {
      expect(vault.entities.size).toBe(11);
    });
    expect(vault.writes[0]).toBe('T0 disabled eve');
    expect((await toldOf(app, 'eve')).filter((line) => line.startsWith('FAILED'))).toEqual([]);
  });
});

describe('one bad agent', () => {
  test('holds up nobody else, becomes a dead letter, and is delivered when asked for again', async () => {
    const { app, vault, engine } = await givenFollowed();
    let isBad = true;
    vault.onCall = (what, agentId) =>
      what === 'grant' && agentId === 'bad' && isBad
        ? Promise.reject(new VaultError('REFUSED', 'Vault refused it.', false))
        : Promise.resolve();
    await record(app, [givenRun(Date.now(), { agentId: 'bad' }), givenRun(Date.now(), { agentId: 'good' })]);
    await eventually(async () => {
      expect(await toldOf(app, 'good')).toEqual(['CONFIRMED T0']);
    });
    const { store } = engine.followers;
    await eventually(async () => {
      expect((await store.deadLetters('vault', 10)).map(({ key }) => key)).toEqual(['bad']);
    });
    expect(await toldOf(app, 'bad')).toEqual(['FAILED REFUSED']);
    isBad = false;
    await store.revive('vault', null, Date.now());
    await eventually(async () => {
      expect(await toldOf(app, 'bad')).toEqual(['FAILED REFUSED', 'CONFIRMED T0']);
    });
  });
});

describe('a comparison', () => {
  test('repairs all others if one entity can’t be read, and tells it of that one alone', async () => {
    const { app, vault, engine, file } = await givenFollowed();
    for (const agentId of ['adam', 'eve']) {
      await givenEligible(app, agentId, 'T1');
      await eventually(async () => {
        expect((await toldOf(app, agentId)).at(-1)).toBe('CONFIRMED T1');
      });
    }
    await engine.close();
    vault.entities.set('eve', {
      agentId: 'eve',
      disabled: false,
      position: null,
      tier: 'T4',
      policies: ['tierkeeper-tier-4'],
    });
    vault.onCall = (what, agentId) =>
      what === 'entity' && agentId === 'adam'
        ? Promise.reject(new VaultError('DENIED', 'Vault denies it.', true))
        : Promise.resolve();
    const again = await givenFollowed({ vault, file });
    await eventually(() => {
      expect(held(vault, 'eve')).toEqual({ tier: 'T1', disabled: true });
    });
    await eventually(async () => {
      expect((await toldOf(again.app, 'adam')).at(-1)).toBe('FAILED DENIED');
    });
    vault.onCall = () => Promise.resolve();
    await eventually(async () => {
      expect((await toldOf(again.app, 'adam')).at(-1)).toBe('CONFIRMED T1');
    });
  });

  /** The Vault and the file of an engine that is closed, where one agent was confirmed. */
  async function givenConfirmed() {
    const { app, vault, engine, file } = await givenFollowed();
    await givenEligible(app);
    await eventually(async () => {
      expect(await toldOf(app, 'eve')).toEqual(['CONFIRMED T0']);
    });
    await engine.close();
    return { vault, file };
  }

  test('takes no agent for gone whose entity is younger than the list of all', async () => {
    const { vault, file } = await givenConfirmed();
    vault.agents = () => Promise.resolve(['ghost']);
    const again = await givenFollowed({ vault, file });
    await eventually(() => {
      expect(again.watch.unknowns).toEqual(['ghost']);
    });
    expect((await again.engine.followers.store.standings())[0]).toMatchObject({ pending: 0 });
    expect(await toldOf(again.app, 'eve')).toEqual(['CONFIRMED T0']);
  });

  test('cuts how long tokens live at T4, and at no other tier, even if Vault refuses it for one agent', async () => {
    const { app, vault, engine, file } = await givenFollowed();
    for (const [agentId, tier] of [
      ['adam', 'T4'],
      ['eve', 'T4'],
      ['bob', 'T3'],
    ] as const) {
      await givenEligible(app, agentId, tier);
      await eventually(async () => {
        expect((await toldOf(app, agentId)).at(-1)).toBe(`CONFIRMED ${tier}`);
      });
    }
    await engine.close();
    const capped: string[] = [];
    vault.onCall = (what, agentId) => {
      if (what !== 'capTokens') return Promise.resolve();
      capped.push(agentId);
      return agentId === 'adam'
        ? Promise.reject(new VaultError('REFUSED', 'Vault refused it', false))
        : Promise.resolve();
    };
    const { watch } = await givenFollowed({ vault, file });
    await eventually(() => {
      expect(capped).toEqual(['adam', 'eve']);
    });
    expect(watch.faults).toEqual([]);
  });

  test('repairs agents though nobody can list all entities, and says so', async () => {
    const { vault, file } = await givenConfirmed();
    const entity = { agentId: 'eve', disabled: false, hasLogin: false, position: null };
    vault.entities.set('eve', { ...entity, tier: 'T4', policies: ['tierkeeper-tier-4'] });
    vault.agents = () => Promise.reject(new VaultError('NOT_VAULT', 'Its answer does not end.', true));
    const again = await givenFollowed({ vault, file });
    await eventually(async () => {
      expect((await toldOf(again.app, 'eve')).slice(1)).toEqual(['DRIFTED from T0 to T4', 'CONFIRMED T0']);
      const [standing] = await again.engine.followers.store.standings();
      expect(standing?.lastError).toBe('Its answer does not end.');
    });
    expect(held(vault)).toEqual({ tier: 'T0', disabled: false });
  });

  test('at the start repairs what drifted, and reports whom only Vault knows', async () => {
    const { app, vault, engine, file } = await givenFollowed();
    for (const agentId of ['low', 'high', 'gone']) await givenEligible(app, agentId, 'T1');
    for (const agentId of ['low', 'high', 'gone'])
      await eventually(async () => {
        expect((await toldOf(app, agentId)).at(-1)).toBe('CONFIRMED T1');
      });
    const entity = { disabled: false, position: null };
    vault.entities.set('low', { ...entity, agentId: 'low', tier: 'T0', policies: ['tierkeeper-tier-0'] });
    vault.entities.set('high', { ...entity, agentId: 'high', tier: null, policies: ['root'] });
    vault.entities.delete('gone');
    vault.entities.set('ghost', { ...entity, agentId: 'ghost', tier: null, policies: [] });
    vault.writes.length = 0;
    await engine.close();
    const again = await givenFollowed({ vault, file });
    for (const agentId of ['low', 'high', 'gone'])
      await eventually(async () => {
        expect((await toldOf(again.app, agentId)).at(-1)).toBe('CONFIRMED T1');
        expect(held(vault, agentId)).toEqual({ tier: 'T1', disabled: false });
      });
    expect((await toldOf(again.app, 'high')).at(-2)).toBe('DRIFTED from T1 to nothing');
    expect(vault.writes[0]).toBe('T1 disabled high');
    await eventually(() => {
      expect(again.watch.unknowns).toEqual(['ghost']);
    });
    expect((await again.engine.followers.store.standings())[0]?.unknown).toEqual(['ghost']);
  });
});
