/** A position in the ledger: that of entry `seq`; 0 is before the first. */
export interface Cursor {
  readonly seq: number;
  /** The first 8 hex digits of that entry's hash: another ledger differs in it. */
  readonly hash: string;
}

/** The text of a cursor, opaque outside. */
export function writeCursor({ seq, hash }: { readonly seq: number; readonly hash: string }): string {
  return Buffer.from(`${seq}.${hash.slice(0, 8)}`).toString('base64url');
}

/** The cursor that a text names, or null if it is malformed. */
export function readCursor(text: string): Cursor | null {
  const match = /^(0|[1-9]\d{0,15})\.([0-9a-f]{8})$/.exec(Buffer.from(text, 'base64url').toString());
  const [, seq, hash] = match ?? [];
  if (seq === undefined || hash === undefined || !Number.isSafeInteger(Number(seq))) return null;
  return writeCursor({ seq: Number(seq), hash }) === text ? { seq: Number(seq), hash } : null;
}
