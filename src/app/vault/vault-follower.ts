import {
  raises,
  vaultStep,
  wantedPrivilege,
  type VaultPrivilege,
} from '../../governance/vault/vault-plan.ts';
import type { Compared, Failure, Follower, Lease } from '../followers/follower.ts';
import type { Asking, Delivery, FollowedEntry, FollowerStore, Outlet } from '../ports/deliveries.ts';
import type { App } from '../app.ts';
import { repairVault } from './repair-vault.ts';
import { recordVaultConfirmation } from './record-vault-confirmation.ts';
import { recordVaultFailure } from './record-vault-failure.ts';
import { heldProgress, isOfThisLedger, otherLedgerError, wasHeldBefore } from './other-ledger.ts';
import type { Vault, VaultEntity } from '../ports/vault.ts';
import { PRIVILEGE_ENTRIES } from './privilege-entries.ts';
import { VaultError } from '../ports/vault-error.ts';
import { isForPeople } from './vault-outage.ts';
import { VaultSweep } from './vault-sweep.ts';

/** How much longer than its client's timeout a request that was given up is waited for, in milliseconds. */
const SETTLE_MARGIN = 250;
const MOST_STEPS = 4;
/** How often Vault may refuse to raise an agent before that is left to people. */
const DEAD_AFTER = 8;
/** How often that which people have to put right is looked at after so many times, in milliseconds: less than a delivery can be put off. */
const MENDED_EVERY = 4_500;

/** What the follower of Vault is made of. */
export interface VaultFollowerOptions {
  readonly app: App;
  readonly vault: Vault;
  readonly outlet: Outlet;
  readonly store: FollowerStore;
  /** Waits for so many milliseconds. */
  readonly pause: (ms: number) => Promise<unknown>;
}

/** What the ledger wants of an agent now, and the entry that is written for it. */
interface Wanted extends VaultPrivilege {
  readonly agentId: string;
  readonly position: number;
}

/** Vault has something else each time it is looked at. */
class NotTakenError extends Error {
  override readonly name = 'NotTakenError';
  constructor() {
    super('Vault took every write, but something else changes what it has.');
  }
}

/**
 * Makes Vault follow the tiers, one entity per agent, so that it never ends above the ledger: what raises is written only
 * while nothing newer is known; what lowers disables first, and is over only once nothing sent before can come late.
 */
export class VaultFollower implements Follower {
  readonly name = 'vault';
  readonly types = PRIVILEGE_ENTRIES;

  readonly #sweep = new VaultSweep();

  constructor(private readonly options: VaultFollowerOptions) {}

  asks({ agentId, seq, recordedAt, type }: FollowedEntry): Asking {
    return {
      key: agentId ?? '',
      agentId,
      entrySeq: seq,
      decidedAt: recordedAt,
      urgent: type === 'AGENT_REVOKED',
    };
  }

  async deliver(delivery: Delivery, lease: Lease): Promise<void> {
    const wanted = await this.#wanted(delivery);
    const progress = wasHeldBefore(delivery) ? null : delivery.progress;
    if (delivery.urgent) return this.#lower(delivery, wanted);
    // Due before its time, because the clock was put back: nobody knows how long it has waited.
    if (progress !== null && delivery.dueAt > this.options.app.clock.now())
      return this.#lower(delivery, wanted);
    if (progress === null) return this.#approach(delivery, wanted, lease);
    const before = await this.#disable(wanted);
    // People had it tried again: this ledger is right.
    if (progress !== heldProgress(delivery.entrySeq)) await this.#mayRaise(wanted, before);
    const entity = await this.#call(wanted.agentId, (vault) => vault.entity(wanted.agentId));
    if (entity?.misplaced?.givesMore === true) wellPlaced(entity);
    if (!wanted.disabled) await this.#enable(wanted, lease);
    wellPlaced(entity);
    return recordVaultConfirmation(this.options.app, { delivery, written: wanted, lease });
  }

  /** Only a refusal to raise one agent is ever given up: what lowers, and what all agents wait for, goes on. */
  async failed(delivery: Delivery, error: unknown): Promise<Failure> {
    const message = error instanceof Error ? error.message : String(error);
    if (!isForPeople(error)) return { message, dead: false };
    await recordVaultFailure(this.options.app, delivery, error);
    if (error.kind === 'OTHER_LEDGER')
      return { message, dead: true, progress: heldProgress(delivery.entrySeq) };
    // It is looked at again until people have put it right in Vault: nothing else would notice that then.
    const isMended = error.kind === 'MISPLACED' || error.kind === 'DENIED';
    if (isMended && delivery.attempts >= DEAD_AFTER) return { message, dead: false, delay: MENDED_EVERY };
    const dead = !isMended && !error.retryable && !delivery.urgent && delivery.progress === null;
    return { message, dead: dead && delivery.attempts >= DEAD_AFTER };
  }

  readonly compare = (lease: Lease): Promise<Compared> => {
    const { app, vault, outlet, store, pause } = this.options;
    return repairVault(app, {
      lease,
      store,
      pause,
      sweep: this.#sweep,
      call: (key, work) => outlet.call(key, () => work(vault)),
    });
  };

  readonly foundOthers = (): boolean => this.#sweep.hasOthers;

  /** Step by step from what the entity has to what is wanted. */
  async #approach(delivery: Delivery, first: Wanted, lease: Lease): Promise<void> {
    const { agentId } = first;
    let wanted = first;
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const entity = await this.#call(agentId, (vault) => vault.entity(agentId));
      const step = vaultStep(wanted, entity);
      if (step === 'LOWER') return this.#lower(delivery, wanted);
      if (step === 'NONE') return this.#confirm(delivery, wanted, { lease, entity });
      await this.#mayRaise(wanted, entity);
      wanted = await this.#wanted(delivery);
      if (step === 'GRANT') await this.#grant(wanted, lease);
      else if (!wanted.disabled) await this.#enable(wanted, lease);
    }
    throw new NotTakenError();
  }

  /** The entity has what is wanted; one that was written for another ledger says from now on that it has it of this one. */
  async #confirm(
    delivery: Delivery,
    wanted: Wanted,
    { lease, entity }: { readonly lease: Lease; readonly entity: VaultEntity | null },
  ): Promise<void> {
    wellPlaced(entity);
    if (entity !== null && !(await isOfThisLedger(this.options.store, entity)))
      await this.#grant(wanted, lease);
    return recordVaultConfirmation(this.options.app, { delivery, written: wanted, lease });
  }

  /** @throws VaultError if what an agent may do would be raised from what was written for another ledger */
  async #mayRaise(wanted: Wanted, entity: VaultEntity | null): Promise<void> {
    if (entity === null || entity.position === wanted.position || !raises(wanted, entity)) return;
    if (!(await isOfThisLedger(this.options.store, entity))) throw otherLedgerError(entity);
  }

  /** From here on the agent can do nothing; what it may do then waits until nothing sent before can come late. */
  async #lower(delivery: Delivery, wanted: Wanted): Promise<void> {
    const { app, vault, store } = this.options;
    const before = await this.#disable(wanted);
    const dueAt = app.clock.now() + vault.timeout + SETTLE_MARGIN;
    await this.#call(wanted.agentId, (asked) => asked.destroySecretIds(wanted.agentId));
    await this.#mayRaise(wanted, before);
    await store.keep({
      ...delivery,
      urgent: false,
      progress: wanted.tier,
      dueAt,
      attempts: 0,
      error: null,
      dead: false,
    });
  }

  async #grant({ agentId, tier, position }: Wanted, lease: Lease): Promise<void> {
    lease.assertHeld();
    await this.#call(agentId, (vault) => vault.grant(agentId, { tier, position }));
  }

  async #enable({ agentId, tier }: Wanted, lease: Lease): Promise<void> {
    lease.assertHeld();
    await this.#call(agentId, (vault) => vault.enable(agentId, tier));
  }

  /** Disables with the policy that is wanted; the entity as it was before. */
  async #disable({ agentId, tier, position }: Wanted): Promise<VaultEntity | null> {
    return this.#call(agentId, (vault) => vault.lower(agentId, { tier, position }));
  }

  async #wanted({ key: agentId, entrySeq }: Delivery): Promise<Wanted> {
    const agent = (await this.options.app.store.reader.agents([agentId])).get(agentId);
    if (agent === undefined) throw new Error(`The agent ${agentId} is missing.`);
    return { agentId, position: entrySeq, ...wantedPrivilege(agent.state) };
  }

  #call<T>(agentId: string, work: (vault: Vault) => Promise<T>): Promise<T> {
    return this.options.outlet.call(agentId, () => work(this.options.vault));
  }
}

/** @throws VaultError if what was read is not the agent's own entity alone: that is never confirmed */
function wellPlaced(entity: VaultEntity | null): void {
  if (entity?.misplaced != null) throw new VaultError('MISPLACED', entity.misplaced.why, false);
}
