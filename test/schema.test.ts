import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertValidSchema, buildSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { start, typescript } from './support/process.ts';

const COMMITTED = readFileSync(join(import.meta.dirname, '../schema.graphql'), 'utf8');

it('schema.graphql and the typed documents are what codegen.ts makes of src/graphql and the documents', async () => {
  const { code, stderr } = await start(typescript('codegen.ts', '--check')).ended;
  expect([code, stderr]).toEqual([0, '']);
});

it('schema.graphql is a valid schema by itself, sorted, with nothing that building it loses', () => {
  const schema = buildSchema(COMMITTED);
  expect(() => assertValidSchema(schema)).not.toThrow();
  expect(`${printSchema(lexicographicSortSchema(schema))}\n`).toBe(COMMITTED);
});
