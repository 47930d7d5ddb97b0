/**
 * Maps items with at most `atOnce` calls of `work` running at a time. Results stand in the order of the items; once `isEnded`
 * says so, no further item is begun, and those that were not begun have no result. The first failure is thrown.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  { atOnce = 8, isEnded = () => false }: { readonly atOnce?: number; readonly isEnded?: () => boolean } = {},
): Promise<readonly Result[]> {
  const results: { readonly index: number; readonly result: Result }[] = [];
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) {
      if (isEnded()) return;
      results.push({ index, result: await work(item) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results.sort((a, b) => a.index - b.index).map(({ result }) => result);
}
