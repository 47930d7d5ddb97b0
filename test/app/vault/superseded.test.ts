import { expect, test } from 'vitest';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { ask } from '../../graphql/ask.ts';
import { givenEligible, promote } from '../../support/given-agent.ts';
import { ANN } from '../../support/given-principal.ts';
import { eventually, givenFollowed, toldOf } from './given-followed.ts';
import { MemoryVault } from './memory-vault.ts';

const STATE = '{ agent(agentId: "eve") { vault { desired state } } }';

/** A Vault during whose first read of an entity something happens. */
function vaultThat(happens: () => Promise<void>): MemoryVault {
  const vault = new MemoryVault();
  let left = 1;
  vault.onCall = async (what) => {
    if (what === 'entity' && left-- > 0) await happens();
  };
  return vault;
}

test('a promotion that is committed while Vault is asked for what was before is confirmed once, by its own entry', async () => {
  const vault = vaultThat(async () => {
    await promote(given.app, ANN, 'eve');
  });
  const given = await givenFollowed({ vault });
  await givenEligible(given.app);
  await eventually(async () => {
    expect((await toldOf(given.app, 'eve')).at(-1)).toBe('CONFIRMED T1');
    expect((await given.engine.followers.store.standings())[0]).toMatchObject({ pending: 0, lag: 0 });
  });
  expect(await toldOf(given.app, 'eve')).toEqual(['CONFIRMED T1']);
});

test('a promotion that Vault refuses as it refused what was before is told as refused, too', async () => {
  const vault = vaultThat(async () => {
    await promote(given.app, ANN, 'eve');
  });
  const given = await givenFollowed({ vault });
  const { onCall } = vault;
  vault.onCall = async (what, agentId) => {
    await onCall(what, agentId);
    throw new VaultError('NOT_VAULT', 'It is no Vault.', true);
  };
  await givenEligible(given.app);
  await eventually(async () => {
    const answer = await ask(given.engine, ANN, STATE);
    expect(answer.one('agent.vault')).toEqual({ desired: 'T1', state: 'FAILED' });
  });
  expect(await toldOf(given.app, 'eve')).toEqual(['FAILED NOT_VAULT']);
});
