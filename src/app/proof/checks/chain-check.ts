import { entryHash, GENESIS, type Head } from '../../../governance/ledger/chain.ts';
import type { Checkpoint } from '../../../governance/ledger/checkpoint.ts';
import type { EntryRow } from '../../ports/ledger-archive.ts';
import type { ProblemLog } from './problems.ts';

/** Holds each entry against the one before it, and the last against the head and a checkpoint. */
export class ChainCheck {
  readonly #log: ProblemLog;
  readonly #checkpoint: Checkpoint | null;
  #last: Head = { seq: 0, hash: GENESIS, recordedAt: 0 };

  constructor(log: ProblemLog, checkpoint: Checkpoint | null) {
    this.#log = log;
    this.#checkpoint = checkpoint;
  }

  check(entry: EntryRow): void {
    const { seq, at, recordedAt, agentId, previousHash, hash } = entry;
    const place = { seq, agentId };
    const last = this.#last;
    this.#log.unless(seq === last.seq + 1, 'SEQ', place, `It follows entry ${last.seq}: there is a gap.`);
    this.#log.unless(previousHash === last.hash, 'CHAIN', place, 'It does not follow the entry before it.');
    const own = entryHash(previousHash, {
      seq,
      at,
      recordedAt,
      agentId,
      type: entry.type as never,
      actor: entry.actorKey,
      payloadText: entry.payload,
    });
    this.#log.unless(hash === own, 'HASH', place, 'It is not what was appended: its hash is another.');
    this.#log.unless(recordedAt >= last.recordedAt, 'TIME', place, 'It was recorded before the one before.');
    this.#log.unless(at <= recordedAt, 'TIME', place, 'It says what had not happened when it was recorded.');
    this.#last = { seq, hash, recordedAt };
    if (this.#checkpoint?.seq === seq) this.#againstCheckpoint(this.#checkpoint);
  }

  finish(head: Head): void {
    const last = this.#last;
    const isEnd = head.seq === last.seq && head.hash === last.hash && head.recordedAt === last.recordedAt;
    const message = `The head names entry ${head.seq}; the last entry is ${last.seq}, or differs from it.`;
    this.#log.unless(isEnd, 'HEAD', { seq: head.seq }, message);
    if (this.#checkpoint === null || this.#checkpoint.seq <= last.seq) return;
    const { seq, at } = this.#checkpoint;
    const cut = `The ledger ends at entry ${last.seq}, but at ${new Date(at).toISOString()} it had ${seq}: its end was cut off, or a backup was restored.`;
    this.#log.note('CHECKPOINT', { seq: last.seq }, cut);
  }

  #againstCheckpoint({ seq, hash, recordedAt, at }: Checkpoint): void {
    const same = this.#last.hash === hash && this.#last.recordedAt === recordedAt;
    const message = `Entry ${seq} is not the one of the checkpoint of ${new Date(at).toISOString()}: the ledger was replaced, or a backup was restored and went on.`;
    this.#log.unless(same, 'CHECKPOINT', { seq }, message);
  }
}
