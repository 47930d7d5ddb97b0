/** The databases that the same statements must run on. */
export type Provider = 'sqlite' | 'postgresql';

/** A value of a row: instants and positions fit in 53 bits. */
export type Value = string | number | boolean | null;

/**
 * A table of rows to select from or to join with, made of ONE parameter: the text of `rowsParameter`, with the values in the
 * order of `columns` (each with its PostgreSQL type). Its column `place` is the row's index, from 0. Arrays of values are
 * read twice as fast as objects: 1.9 against 4.1 ms for 1,000 rows of 8. `parameter` is the parameter's number on PostgreSQL.
 */
export function rowsFrom(
  provider: Provider,
  columns: Readonly<Record<string, string>>,
  parameter = 1,
): string {
  const values = Object.entries(columns).map(([name, type], index) =>
    provider === 'sqlite' ? `value ->> ${index} AS ${name}` : `(value ->> ${index})::${type} AS ${name}`,
  );
  const source =
    provider === 'sqlite'
      ? 'json_each(?)'
      : `jsonb_array_elements($${parameter}::jsonb) WITH ORDINALITY AS element (value, number)`;
  const place = provider === 'sqlite' ? 'key AS place' : 'number - 1 AS place';
  return `(SELECT ${[...values, place].join(', ')} FROM ${source})`;
}

/** The one parameter of `rowsFrom`. */
export function rowsParameter(rows: readonly (readonly Value[])[]): string {
  return JSON.stringify(rows);
}
