/** The size of a counted bar: whole with `LONG=full`, else a quarter of it, rounded up. */
export function counted(whole: number): number {
  return process.env.LONG === 'full' ? whole : Math.ceil(whole / 4);
}
