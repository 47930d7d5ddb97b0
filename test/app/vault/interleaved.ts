// The follower of Vault in a world where anything may happen between two of its steps: commands, requests that are lost,
// answers that are lost, and requests that are applied after they were given up. Time is a number.
import { OvertakenError } from '../../../src/app/ports/outlet-errors.ts';
import type { Delivery, FollowerStore, Outlet } from '../../../src/app/ports/deliveries.ts';
import type { App } from '../../../src/app/app.ts';
import type { WriteTransaction } from '../../../src/app/ports/store.ts';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { VaultFollower } from '../../../src/app/vault/vault-follower.ts';
import {
  isAbove,
  vaultStep,
  wantedPrivilege,
  type VaultPrivilege,
} from '../../../src/governance/vault/vault-plan.ts';
import { nextTier, previousTier, type Tier } from '../../../src/governance/tier.ts';
import { MemoryVault } from './memory-vault.ts';

/** What may happen before a call of Vault reaches it, or instead. */
export type Chance =
  'NOTHING' | 'LOST' | 'UNANSWERED' | 'LATE' | 'PROMOTE' | 'REVOKE' | 'SUSPEND' | 'REINSTATE';
/** All of it. */
export const CHANCES: readonly Chance[] = [
  ...(['NOTHING', 'LOST', 'UNANSWERED', 'LATE', 'PROMOTE', 'REVOKE', 'SUSPEND', 'REINSTATE'] as const),
];

const AGENT = 'eve';
const PASSTHROUGH = { call: <T>(_key: string, work: () => Promise<T>) => work() } as Outlet;

/** One agent, its ledger, its delivery, and a Vault to which chance happens. */
export class InterleavedWorld {
  readonly vault = new UncertainVault(this);
  readonly #follower: VaultFollower;
  #agent: { tier: Tier; suspended: boolean } = { tier: 'T0', suspended: false };
  #seq = 1;
  #row: Delivery | null = null;
  #newest: object | null = null;
  now = 0;

  constructor(private readonly chances: Chance[]) {
    const reader = { agents: () => Promise.resolve(new Map([[AGENT, { state: this.#agent }]])) };
    const world = {
      reader,
      write: (work: (tx: WriteTransaction) => Promise<void>) => work(this.#transaction()),
    };
    const app = { store: world, clock: { now: () => this.now }, doorbell: { ring: () => undefined } };
    const keep = (delivery: Delivery) => {
      if (this.#row?.entrySeq === delivery.entrySeq) this.#row = delivery;
      return Promise.resolve();
    };
    // Every entry up to the newest decides over the agent.
    const entries: FollowerStore['entries'] = (_types, { after, upTo }) =>
      Promise.resolve(
        upTo > this.#seq
          ? []
          : [{ seq: after + 1, type: 'AGENT_PROMOTED', recordedAt: 0, agentId: AGENT } as const],
      );
    this.#follower = new VaultFollower({
      app: app as unknown as App,
      vault: this.vault,
      outlet: PASSTHROUGH,
      pause: () => Promise.resolve(),
      store: { keep, entries } as Partial<FollowerStore> as FollowerStore,
    });
    this.#ask(false);
  }

  get wanted(): VaultPrivilege {
    return wantedPrivilege(this.#agent);
  }

  /** Whether Vault grants what the ledger does not want. */
  get isAbove(): boolean {
    const entity = this.vault.entities.get(AGENT);
    return entity !== undefined && isAbove(entity, this.wanted) && !entity.disabled;
  }

  /** What the comparison every 30 s asks for. */
  compare(): void {
    const step = vaultStep(this.wanted, this.vault.entities.get(AGENT) ?? null);
    if (step !== 'NONE') this.#ask(step === 'LOWER');
  }

  /** Whether what lowers is yet to be delivered. */
  get isLowering(): boolean {
    return this.#row?.urgent === true;
  }

  /** Whether the entity was disabled, and what was sent before may still come. */
  get isSettling(): boolean {
    return this.#row?.progress != null && this.now < this.#row.dueAt;
  }

  get isDone(): boolean {
    return this.#row === null && this.vault.late.length === 0;
  }

  take(): Chance {
    return this.chances.shift() ?? 'NOTHING';
  }

  get hasChances(): boolean {
    return this.chances.length > 0;
  }

  /** What a command does to the ledger and, by the cursor, to the delivery. */
  command(chance: Chance): void {
    const { tier, suspended } = this.#agent;
    const next = nextTier(tier);
    if (chance === 'PROMOTE' && next !== null && !suspended) this.#become({ tier: next, suspended }, false);
    if (chance === 'REVOKE') this.#become({ tier: previousTier(tier), suspended }, true);
    if (chance === 'SUSPEND') this.#become({ tier, suspended: true }, true);
    if (chance === 'REINSTATE' && suspended) this.#become({ tier, suspended: false }, false);
  }

  /** Delivers what is due, as the runner does: what lowers overtakes whatever is under way. */
  async deliver(): Promise<void> {
    const row = this.#row;
    if (row === null || row.dueAt > this.now) return;
    const own = {};
    this.#newest = own;
    const lease = {
      holder: 'me',
      assertHeld: () => {
        if (this.#newest !== own) throw new OvertakenError();
      },
    };
    try {
      await this.#follower.deliver(row, lease);
    } catch {
      // It is tried again.
    }
  }

  /** Delivers the lowering that a command in the middle of another delivery brought. */
  async overtake(): Promise<void> {
    if (this.#row?.urgent === true) await this.deliver();
  }

  #become(agent: { tier: Tier; suspended: boolean }, lowers: boolean): void {
    this.#agent = agent;
    this.#seq += 1;
    this.#ask(lowers);
  }

  #ask(urgent: boolean): void {
    const before = this.#row;
    const goesOn = !urgent && before !== null && before.progress !== null;
    this.#row = {
      follower: 'vault',
      key: AGENT,
      agentId: AGENT,
      entrySeq: this.#seq,
      decidedAt: 0,
      attempts: 0,
      error: null,
      urgent: urgent || before?.urgent === true,
      progress: goesOn ? before.progress : null,
      dead: false,
      dueAt: goesOn ? before.dueAt : this.now,
    };
  }

  #transaction(): WriteTransaction {
    const drop = (delivery: Delivery) => {
      if (this.#row?.entrySeq === delivery.entrySeq) this.#row = null;
      return Promise.resolve();
    };
    return {
      now: this.now,
      agents: () => Promise.resolve(new Map([[AGENT, { state: this.#agent }]])),
      vaultRecords: () => Promise.resolve(new Map()),
      actorKey: () => Promise.resolve('key'),
      append: () => undefined,
      deliveries: {
        holds: () => Promise.resolve(true),
        find: () => Promise.resolve(new Map(this.#row === null ? [] : [[AGENT, this.#row]])),
        unread: () => Promise.resolve(new Set()),
        drop,
      },
    } as unknown as WriteTransaction;
  }
}

/** A Vault to whose writes chance happens; what is applied late is so within the client's timeout. */
export class UncertainVault extends MemoryVault {
  readonly raisedWhileSettling: string[] = [];
  readonly late: { readonly at: number; readonly apply: () => Promise<unknown> }[] = [];
  #depth = 0;

  constructor(private readonly world: InterleavedWorld) {
    super();
  }

  override grant(...asked: Parameters<MemoryVault['grant']>): Promise<void> {
    this.#note('grant');
    return this.#chance(() => super.grant(...asked));
  }

  override lower(...asked: Parameters<MemoryVault['lower']>): ReturnType<MemoryVault['lower']> {
    return this.#chance(() => super.lower(...asked));
  }

  override enable(...asked: Parameters<MemoryVault['enable']>): Promise<void> {
    this.#note('enable');
    return this.#chance(() => super.enable(...asked));
  }

  /** Applies what is due by now. */
  async applyLate(): Promise<void> {
    const due = this.late.filter(({ at }) => at <= this.world.now);
    this.late.splice(0, this.late.length, ...this.late.filter(({ at }) => at > this.world.now));
    // Nobody is left to be told how it went.
    for (const { apply } of due) await apply().catch(() => undefined);
  }

  #note(what: string): void {
    if (this.world.isSettling) this.raisedWhileSettling.push(what);
  }

  async #chance<T>(apply: () => Promise<T>): Promise<T> {
    const chance = this.world.take();
    const failed = new VaultError('TIMED_OUT', 'No answer.', true);
    if (chance === 'LOST') throw failed;
    if (chance === 'LATE') {
      this.late.push({ at: this.world.now + this.timeout - 1, apply });
      throw failed;
    }
    this.world.command(chance);
    // As long as this request is on its way: a lowering that came meanwhile is delivered beside it.
    if (this.#depth < 3) {
      this.#depth += 1;
      await this.world.overtake();
      this.#depth -= 1;
    }
    const result = await apply();
    if (chance === 'UNANSWERED') throw failed;
    return result;
  }
}
