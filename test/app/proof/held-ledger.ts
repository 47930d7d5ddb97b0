import { LocalDoorbell } from '../../../src/adapters/doorbell/local-doorbell.ts';
import { LedgerTail } from '../../../src/app/feed/ledger-tail.ts';
import type { StoredEntry } from '../../../src/app/ports/ledger.ts';
import type { Alarm, Clock } from '../../../src/app/ports/world.ts';
import type { LedgerEntryType } from '../../../src/governance/ledger/entries.ts';

/** An alarm that a test lets go off. */
export class HeldAlarm implements Alarm {
  wake: (() => void) | null = null;

  set(_instant: number, wake: () => void): void {
    this.wake = wake;
  }

  clear(): void {
    this.wake = null;
  }
}

/** Holds an answer back until a test lets it go. */
export type Hold = <T>(what: string, answer: () => Promise<T>) => Promise<T>;

/** A ledger in memory, whose readings see it as it is when they begin and end when a test says, and its tail. */
export class HeldLedger {
  readonly entries: StoredEntry[] = [];
  readonly doorbell = new LocalDoorbell();
  readonly alarm = new HeldAlarm();
  readonly tail: LedgerTail;
  reads = 0;

  constructor(hold: Hold, clock: Clock) {
    const { doorbell, alarm } = this;
    const reader = {
      head: () => {
        const head = this.head;
        return hold('head', () => Promise.resolve(head));
      },
      entriesAfter: (seq: number, limit: number, type?: LedgerEntryType) => {
        this.reads += 1;
        const found = this.after(seq, type).slice(0, limit);
        return hold('entries', () => Promise.resolve(found));
      },
    };
    this.tail = new LedgerTail({ reader, doorbell, clock, alarm, turn: () => Promise.resolve() });
  }

  get head() {
    const seq = this.entries.length;
    return { seq, hash: hashAt(seq), recordedAt: 0, policyDigest: null };
  }

  /** What stands after a position, of one type if so asked. */
  after(seq: number, type?: LedgerEntryType): readonly StoredEntry[] {
    return this.entries.slice(seq).filter((entry) => type === undefined || entry.type === type);
  }

  /** Appends so many entries and rings; one in three is an agent that became eligible. */
  append(many: number): void {
    for (let n = 0; n < many; n += 1) {
      const seq = this.entries.length + 1;
      const type: LedgerEntryType = seq % 3 === 0 ? 'AGENT_BECAME_ELIGIBLE' : 'RUN_RECORDED';
      this.entries.push({ seq, type, hash: hashAt(seq) } as StoredEntry);
    }
    this.doorbell.ring();
  }
}

function hashAt(seq: number): string {
  return seq.toString(16).padStart(8, '0');
}
