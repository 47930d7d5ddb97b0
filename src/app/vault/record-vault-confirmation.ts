import { isSamePrivilege, wantedPrivilege, type VaultPrivilege } from '../../governance/vault/vault-plan.ts';
import type { Lease } from '../followers/follower.ts';
import { OvertakenError } from '../ports/outlet-errors.ts';
import type { Delivery } from '../ports/deliveries.ts';
import type { App } from '../app.ts';
import { isSuperseded } from './is-superseded.ts';
import { VAULT_PRINCIPAL } from './vault-principal.ts';

/**
 * Ends a delivery whose privileges were read back, if the ledger still wants them. The ledger is told once: repeating a
 * delivery, after a crash for instance, appends nothing.
 * @throws OvertakenError if the lease is gone
 */
export async function recordVaultConfirmation(
  app: App,
  {
    delivery,
    written,
    lease,
  }: { readonly delivery: Delivery; readonly written: VaultPrivilege; readonly lease: Lease },
): Promise<void> {
  const { key: agentId, follower, entrySeq: position } = delivery;
  const { tier, disabled } = written;
  await app.store.write(async (tx) => {
    if (!(await tx.deliveries.holds(follower, lease.holder, app.clock.now()))) throw new OvertakenError();
    const agent = (await tx.agents([agentId])).get(agentId);
    if (agent === undefined || !isSamePrivilege(wantedPrivilege(agent.state), written)) return;
    if (await isSuperseded(tx, delivery)) return;
    const last = (await tx.vaultRecords([agentId])).get(agentId)?.last;
    const isTold = last?.type === 'VAULT_CONFIRMED' && last.payload.position === position;
    if (!isTold || !isSamePrivilege(last.payload, written)) {
      const actor = await tx.actorKey(VAULT_PRINCIPAL);
      const payload = { tier, disabled, position };
      tx.append({ type: 'VAULT_CONFIRMED', at: tx.now, agentId, actor, payload });
    }
    await tx.deliveries.drop(delivery);
  });
  app.doorbell.ring();
}
