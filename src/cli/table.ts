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
        const missing = (widths[index] ?? 0) - width(textOf(cell));
        const padding = index === row.length - 1 ? '' : ' '.repeat(missing);
        return typeof cell === 'string' ? cell + padding : cell.paint(cell.text) + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function width(text: string): number {
  return Array.from(text).length;
}
