/** The way to a part of JSON data. */
export type Path = readonly (string | number)[];

type Container = Record<string | number, unknown>;

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function partsOf(data: unknown, path: Path): readonly (readonly [Path, unknown])[] {
  if (!isContainer(data)) return [[path, data]];
  const children = Object.entries(data).flatMap(([key, value]) =>
    partsOf(value, [...path, Array.isArray(data) ? Number(key) : key]),
  );
  return [[path, data], ...children];
}

/** Every object in JSON data, with the way to it; arrays are no objects. */
export function objectsOf(data: unknown): readonly (readonly [Path, Container])[] {
  return partsOf(data, []).flatMap(([path, part]) =>
    isContainer(part) && !Array.isArray(part) ? [[path, part]] : [],
  );
}

/** Everything in JSON data that holds nothing else, with the way to it. */
export function leavesOf(data: unknown): readonly (readonly [Path, unknown])[] {
  return partsOf(data, []).filter(([, part]) => !isContainer(part));
}

/** A copy of JSON data with one part put in. */
export function put(data: unknown, path: Path, value: unknown): unknown {
  return edit(data, path, (parent, key) =>
    Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true }),
  );
}

/** A copy of JSON data with one part left out. */
export function remove(data: unknown, path: Path): unknown {
  return edit(data, path, (parent, key) => Reflect.deleteProperty(parent, key));
}

function edit(
  data: unknown,
  path: Path,
  change: (parent: Container, key: string | number) => unknown,
): unknown {
  const root = { data: structuredClone(data) };
  const full = ['data', ...path];
  const parent = full
    .slice(0, -1)
    .reduce<unknown>((each, key) => (isContainer(each) ? each[key] : undefined), root);
  const key = full.at(-1);
  if (!isContainer(parent) || key === undefined)
    throw new RangeError(`There is nothing at ${path.join('.')}.`);
  change(parent, key);
  return root.data;
}

/** The same JSON data with the keys of every object in another order. */
export function reorder(data: unknown, next: () => number): unknown {
  if (!isContainer(data)) return data;
  if (Array.isArray(data)) return data.map((each) => reorder(each, next));
  const entries = Object.entries(data).map(([key, value]) => ({
    key,
    value: reorder(value, next),
    rank: next(),
  }));
  return Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ key, value }) => [key, value]));
}

/** The same JSON data with the keys of every object in the order of their code units. */
export function sorted(data: unknown): unknown {
  if (!isContainer(data)) return data;
  if (Array.isArray(data)) return data.map(sorted);
  const keys = Object.keys(data).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted(data[key])]));
}
