import type { Head } from '../../governance/ledger/chain.ts';
import type { Checkpoint } from '../../governance/ledger/checkpoint.ts';
import type { Verdict } from '../../governance/ledger/entries.ts';
import type { EntryRow, LedgerArchive, LedgerSnapshot } from '../ports/ledger-archive.ts';
import { AgentsCheck } from './checks/agents-check.ts';
import { ChainCheck } from './checks/chain-check.ts';
import { FactsCheck, type FactCounts, type ReadEntry } from './checks/facts-check.ts';
import { PeopleCheck, type PeopleCounts } from './checks/people-check.ts';
import { PoliciesCheck } from './checks/policies-check.ts';
import { ProblemLog, type FoundProblems } from './checks/problems.ts';

/** What a verification found. */
export interface VerifyReport extends FactCounts, PeopleCounts {
  readonly sound: boolean;
  readonly head: Head;
  readonly policy: string | null;
  readonly entries: number;
  readonly agents: number;
  /** Decisions whose facts under their policy gave their verdict again. */
  readonly verdicts: number;
  /** The checkpoint that it was held against. */
  readonly checkpoint: Checkpoint | null;
  readonly problems: FoundProblems;
}

/** How to verify. */
export interface VerifyOptions {
  readonly checkpoint?: Checkpoint | null;
  /** Told after every 5,000 entries how far it is; whatever it returns is waited for. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => unknown;
}

const PROGRESS_STEP = 5_000;

/**
 * Verifies a ledger from its database alone, entry by entry: the chain, the rows that entries cover, every decision under
 * its policy, and every agent as the fold of its entries. It needs no server, and sees one moment while others write.
 * Memory grows with agents and principals, not with entries.
 * @throws MigrationError, StorageBusyError, StorageUnavailableError
 */
export function verifyLedger(archive: LedgerArchive, options: VerifyOptions = {}): Promise<VerifyReport> {
  return archive.read((snapshot) => new Verification(snapshot, options).run());
}

class Verification {
  readonly #snapshot: LedgerSnapshot;
  readonly #options: VerifyOptions;
  readonly #log = new ProblemLog();
  readonly #chain: ChainCheck;
  readonly #policies: PoliciesCheck;
  readonly #facts: FactsCheck;
  readonly #people: PeopleCheck;
  readonly #agents = new AgentsCheck(this.#log);

  constructor(snapshot: LedgerSnapshot, options: VerifyOptions) {
    this.#snapshot = snapshot;
    this.#options = options;
    for (const fault of snapshot.faults) this.#log.note('GUARD', {}, fault);
    this.#chain = new ChainCheck(this.#log, options.checkpoint ?? null);
    this.#policies = new PoliciesCheck(this.#log, snapshot);
    this.#facts = new FactsCheck(this.#log, snapshot);
    this.#people = new PeopleCheck(this.#log, snapshot);
  }

  async run(): Promise<VerifyReport> {
    const { head } = this.#snapshot;
    let entries = 0;
    await this.#progress(0);
    for (const entry of this.#snapshot.entries()) {
      this.#check(entry);
      entries += 1;
      if (entries % PROGRESS_STEP === 0) await this.#progress(entries);
    }
    this.#chain.finish(head);
    this.#policies.finish(head.policyDigest);
    const facts = this.#facts.finish();
    const people = this.#people.finish();
    for (const { agentId } of this.#snapshot.strayRecorders())
      this.#log.note('RECORDER', { agentId }, 'Its recorders are not those of its runs.');
    const agents = await this.#agents.finish({ snapshot: this.#snapshot, policy: this.#policies.inForce });
    await this.#progress(entries);
    const { found } = this.#log;
    return {
      sound: found.total === 0,
      head: { seq: head.seq, hash: head.hash, recordedAt: head.recordedAt },
      policy: head.policyDigest,
      entries,
      agents,
      ...facts,
      ...people,
      verdicts: this.#policies.verdicts,
      checkpoint: this.#options.checkpoint ?? null,
      problems: found,
    };
  }

  /** Of an altered entry anything may be missing: what can't be read is a problem like any other. */
  #check(row: EntryRow): void {
    this.#chain.check(row);
    const facts = this.#facts.of(row);
    try {
      const entry = { ...row, read: JSON.parse(row.payload) as ReadEntry['read'] };
      this.#facts.check(entry, facts);
      this.#people.check(entry, facts);
      if (entry.type === 'POLICY_ADOPTED') this.#policies.adopt(entry as ReadEntry<'POLICY_ADOPTED'>);
      if (entry.type === 'AGENT_REVOKED') this.#policies.checkRevocation(entry as ReadEntry<'AGENT_REVOKED'>);
      if ('facts' in entry.read) this.#policies.prove(entry, entry.read satisfies Verdict);
      this.#agents.check(entry, facts);
      const toTier = 'toTier' in entry.read ? entry.read.toTier : null;
      this.#log.unless(row.toTier === toTier, 'STATE', row, 'Its column of the new tier says another.');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.note('PAYLOAD', row, `Its content can't be read: ${why}`);
    }
  }

  async #progress(done: number): Promise<void> {
    await this.#options.onProgress?.({ done, total: this.#snapshot.head.seq });
  }
}
