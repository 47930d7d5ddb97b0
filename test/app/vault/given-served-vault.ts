import { onTestFinished } from 'vitest';
import { openVault } from '../../../src/adapters/vault/open-vault.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { tierOfPolicies } from '../../../src/governance/vault/vault-names.ts';
import { givenVault, type GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenEngine, RunningClock, type EngineWishes } from '../../support/given-engine.ts';
import { Watched } from './given-followed.ts';

/** Shorter than the standard, so that what waits for it is soon over. */
const TIMEOUT = 400;

/** An engine whose follower speaks to a real server. */
export async function givenServedVault({
  timeout = TIMEOUT,
  ...wishes
}: EngineWishes & { readonly timeout?: number } = {}) {
  const server = await givenVault();
  const settings = { address: server.address, namespace: null, caFile: null } as const;
  const auth = { kind: 'TOKEN', token: server.rootToken } as const;
  const vault = openVault({ ...settings, auth }, { clock: systemClock, timeout });
  onTestFinished(() => {
    vault.close();
  });
  const given = await givenEngine({ clock: new RunningClock(), ...wishes, vault });
  const watch = new Watched();
  await given.engine.startFollowers(watch);
  return { ...given, server, watch };
}

/** What an agent has in Vault. */
export function heldIn(server: GivenVault, agentId: string) {
  const entity = server.state().entities.get(`agent-${agentId}`);
  return entity === undefined ? null : { tier: tierOfPolicies(entity.policies), disabled: entity.disabled };
}
