import { printable } from './printable.ts';

/** One cell: its text, and how it is coloured; a plain text is a cell without colour. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

/** Lines of aligned columns, two blanks apart. Colour has no width, and no line ends in blanks. */
export function table(rows: readonly (readonly Cell[])[]): readonly string[] {
  const widths = rows.reduce<readonly number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, width(textOf(cell)))),
    [],
  );
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const text = textOf(cell);
        const padding = index === row.length - 1 ? '' : ' '.repeat((widths[index] ?? 0) - width(text));
        return (typeof cell === 'string' ? text : cell.paint(text)) + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Some cells hold what others wrote. Leading blanks are indentation. */
function textOf(cell: Cell): string {
  return printable(typeof cell === 'string' ? cell : cell.text);
}

function width(text: string): number {
  return Array.from(text).length;
}
