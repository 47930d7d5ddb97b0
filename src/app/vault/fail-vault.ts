import { isSamePrivilege, wantedPrivilege } from '../../governance/vault-plan.ts';
import type { Delivery } from '../followers/ports.ts';
import type { App } from '../ports.ts';
import type { VaultErrorKind } from './vault-error.ts';
import { VAULT_PRINCIPAL } from './vault-principal.ts';

/** Tells the ledger that Vault refused what it says of an agent: once, however often it is tried. */
export async function failVault(
  app: App,
  { key: agentId, seq: position }: Delivery,
  failure: VaultErrorKind,
): Promise<void> {
  const told = await app.store.reader.vaultRecords([agentId]);
  const before = told.get(agentId)?.last;
  if (before?.type === 'VAULT_FAILED' && before.payload.failure === failure) {
    const agent = (await app.store.reader.agents([agentId])).get(agentId);
    if (agent !== undefined && isSamePrivilege(wantedPrivilege(agent.state), before.payload)) return;
  }
  await app.store.write(async (tx) => {
    const agent = (await tx.agents([agentId])).get(agentId);
    const last = (await tx.vaultRecords([agentId])).get(agentId)?.last;
    if (agent === undefined) return;
    const wanted = wantedPrivilege(agent.state);
    const isTold = last?.type === 'VAULT_FAILED' && last.payload.failure === failure;
    if (isTold && isSamePrivilege(wanted, last.payload)) return;
    const payload = { ...wanted, position, failure };
    const actor = await tx.actorKey(VAULT_PRINCIPAL);
    tx.append({ type: 'VAULT_FAILED', at: tx.now, agentId, actor, payload });
  });
  app.doorbell.ring();
}
