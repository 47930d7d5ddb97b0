import type { EntryPayloads } from '../../governance/ledger/entries.ts';
import { isSamePrivilege, wantedPrivilege } from '../../governance/vault/vault-plan.ts';
import type { Delivery } from '../ports/deliveries.ts';
import type { App } from '../app.ts';
import type { AgentRecord } from '../ports/agents.ts';
import type { VaultRecord } from '../ports/vault-records.ts';
import type { VaultError, VaultErrorKind } from '../ports/vault-error.ts';
import { isSuperseded } from './is-superseded.ts';
import { VAULT_PRINCIPAL } from './vault-principal.ts';

/** Failures whose message the ledger keeps: it says what people have to do. */
const EXPLAINED: readonly VaultErrorKind[] = ['MISPLACED', 'OTHER_LEDGER'];

/** Tells the ledger that Vault refused what it says of an agent: once, however often it is tried. */
export async function recordVaultFailure(app: App, delivery: Delivery, error: VaultError): Promise<void> {
  const { key: agentId, entrySeq: position } = delivery;
  const failure = error.kind;
  const why = EXPLAINED.includes(failure) ? { why: error.message } : {};
  const [agents, records] = await Promise.all([
    app.store.reader.agents([agentId]),
    app.store.reader.vaultRecords([agentId]),
  ]);
  const before = agents.get(agentId);
  if (before === undefined) return;
  const entryOf = ({ state }: AgentRecord) => ({ ...wantedPrivilege(state), position, failure, ...why });
  if (isTold(records.get(agentId), entryOf(before))) return;
  await app.store.write(async (tx) => {
    const agent = (await tx.agents([agentId])).get(agentId);
    if (agent === undefined || (await isSuperseded(tx, delivery))) return;
    const payload = entryOf(agent);
    if (isTold((await tx.vaultRecords([agentId])).get(agentId), payload)) return;
    const actor = await tx.actorKey(VAULT_PRINCIPAL);
    tx.append({ type: 'VAULT_FAILED', at: tx.now, agentId, actor, payload });
  });
  app.doorbell.ring();
}

/** Whether the newest that the ledger tells of an agent in Vault is this. */
function isTold(record: VaultRecord | undefined, payload: EntryPayloads['VAULT_FAILED']): boolean {
  const last = record?.last;
  if (last?.type !== 'VAULT_FAILED' || last.payload.failure !== payload.failure) return false;
  if (last.payload.why !== payload.why) return false;
  return last.payload.position === payload.position && isSamePrivilege(payload, last.payload);
}
