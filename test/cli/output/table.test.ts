import { expect, it } from 'vitest';
import { table } from '../../../src/cli/output/table.ts';

it('a table has aligned columns whatever is coloured, and no blanks at the end of a line', () => {
  const loud = (text: string) => `<${text}>`;
  expect(
    table([
      ['A', 'LONG', 'Z'],
      [{ text: 'bb', paint: loud }, '→', ''],
      ['c', { text: 'é', paint: loud }, 'z'],
    ]),
  ).toEqual(['A   LONG  Z', '<bb>  →', 'c   <é>     z']);
  expect(table([])).toEqual([]);
});

it('what others wrote stays in its cell, and gives the terminal no orders', () => {
  const wrote = 'one\n two\u001B[31m red\u202E\u0007';
  expect(
    table([
      [wrote, 'z'],
      ['', 'y'],
    ]),
  ).toEqual(['one two[31m red  z', '                 y']);
});
