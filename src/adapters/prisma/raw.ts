import type { PrismaClient } from '../../generated/prisma/client.ts';

/** What runs a statement: the reader, or the transaction of a writer. */
export type Raw = Pick<PrismaClient, '$queryRawUnsafe' | '$executeRawUnsafe'>;

/** A row as a raw query gives it: integers are bigint or number. */
export type RawRow = Readonly<Record<string, string | number | bigint | boolean | null>>;

/** An integer column. */
export function integer(value: RawRow[string] | undefined): number {
  return Number(value);
}

/** An integer column that may be null. */
export function integerOrNull(value: RawRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** A text column that may be null. */
export function textOrNull(value: RawRow[string] | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** The text of a column. */
export function text(value: RawRow[string] | undefined): string {
  return String(value);
}
