import type { TextReference } from '../../../governance/ledger/entries.ts';
import { principalKey } from '../../../governance/principals/principal-key.ts';
import { textsOf } from '../../../governance/ledger/proof.ts';
import { sentDigest } from '../../../governance/run.ts';
import type { LedgerSnapshot, PrincipalRow, TextRow } from '../../ports/ledger-archive.ts';
import type { EntryFacts, ReadEntry } from './facts-check.ts';
import type { ProblemLog } from './problems.ts';

/** What has been erased, and how many texts there were in all. */
export interface PeopleCounts {
  readonly texts: number;
  readonly erased: { readonly texts: number; readonly people: number };
}

/** Holds texts and people, which are kept out of the chain, against what entries say of them. */
export class PeopleCheck {
  readonly #log: ProblemLog;
  readonly #snapshot: LedgerSnapshot;
  readonly #known: ReadonlySet<string>;
  readonly #erased = { TEXT: new Map<string, number>(), PERSON: new Map<string, number>() };
  #references = 0;

  constructor(log: ProblemLog, snapshot: LedgerSnapshot) {
    this.#log = log;
    this.#snapshot = snapshot;
    this.#known = new Set([...snapshot.principals()].map(({ key }) => key));
  }

  check(entry: ReadEntry, { violations: [violation] }: EntryFacts): void {
    const { read } = entry;
    for (const key of [entry.actorKey, ...keysOf(read)])
      this.#log.unless(this.#known.has(key), 'PRINCIPAL', entry, `It names ${key}, who is missing.`);
    for (const text of textsOf(read)) this.#checkText(entry, text);
    if (violation?.descriptionId != null) this.#references += 1;
    const missing = violation?.descriptionId != null && violation.description === null;
    this.#log.unless(!missing, 'TEXT', entry, 'Its description is missing.');
    if ('erased' in read) this.#erased[read.erased].set(read.id, entry.seq);
  }

  finish(): PeopleCounts {
    let texts = 0;
    const erased = { texts: 0, people: 0 };
    for (const text of this.#snapshot.texts()) {
      texts += 1;
      if (this.#checkBody(text)) erased.texts += 1;
    }
    const stray = `There are ${texts} texts, but entries name ${this.#references}.`;
    this.#log.unless(texts === this.#references, 'TEXT', {}, stray);
    for (const principal of this.#snapshot.principals())
      if (this.#checkPrincipal(principal)) erased.people += 1;
    return { texts, erased };
  }

  #checkText(entry: ReadEntry, { id, digest }: TextReference): void {
    this.#references += 1;
    const same = this.#snapshot.textDigest(id) === digest;
    this.#log.unless(same, 'TEXT', entry, `Its text ${id} is missing, or another.`);
  }

  #checkBody({ id, digest, salt, body }: TextRow): boolean {
    const seq = this.#erased.TEXT.get(id) ?? null;
    if (seq !== null) {
      const blank = salt === null && body === null;
      this.#log.unless(blank, 'TEXT', { seq }, `The text ${id} was erased here, and is there again.`);
      return true;
    }
    const same = salt !== null && body !== null && sentDigest(salt, body) === digest;
    this.#log.unless(same, 'TEXT', {}, `The text ${id} is another, or was blanked without an entry.`);
    return false;
  }

  #checkPrincipal({ key, salt, id }: PrincipalRow): boolean {
    const seq = this.#erased.PERSON.get(key) ?? null;
    if (seq !== null) {
      const blank = salt === null && id === null;
      this.#log.unless(blank, 'PRINCIPAL', { seq }, `${key} was erased here, and has a name again.`);
      return true;
    }
    const same = salt !== null && id !== null && principalKey(salt, id) === key;
    const message = `${key} has another name than it was made for, or was blanked without an entry.`;
    this.#log.unless(same, 'PRINCIPAL', {}, message);
    return false;
  }
}

/** The opaque keys that a payload names beside the actor. */
function keysOf(read: ReadEntry['read']): readonly string[] {
  const owner = 'owner' in read && read.owner !== null ? [read.owner] : [];
  const approver = 'imported' in read ? [read.imported.principalKey] : [];
  return [...owner, ...approver];
}
