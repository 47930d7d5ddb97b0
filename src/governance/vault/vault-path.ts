/** A pattern of paths in its parts: `*` at the end has become `isGlob`, and the last segment then is only a beginning. */
interface Parts {
  readonly segments: readonly string[];
  readonly isGlob: boolean;
}

function partsOf(pattern: string): Parts {
  const isGlob = pattern.endsWith('*');
  return { segments: (isGlob ? pattern.slice(0, -1) : pattern).split('/'), isGlob };
}

/** Whether every path that the second pattern matches is matched by the first. It may say no where it can't tell. */
export function covers(pattern: string, other: string): boolean {
  // Most pairs of a policy's paths have nothing in common: comparing policies takes half as long if these are not taken apart.
  if (!pattern.includes('+') && !other.startsWith(pattern.replace(/[*]$/, ''))) return false;
  const [a, b] = [partsOf(pattern), partsOf(other)];
  const segment = (index: number) => a.segments[index] === '+' || a.segments[index] === b.segments[index];
  if (!a.isGlob)
    return !b.isGlob && a.segments.length === b.segments.length && a.segments.every((_, i) => segment(i));
  const last = a.segments.length - 1;
  if (b.segments.length <= last) return false;
  const beginning = a.segments[last] ?? '';
  const there = b.segments[last] ?? '';
  return (
    a.segments.slice(0, last).every((_, i) => segment(i)) &&
    (beginning === '' || (there !== '+' && there.startsWith(beginning)))
  );
}

/** Whether some path may be matched by both patterns. It says yes where it can't tell: names that Vault fills in could be anything. */
export function intersects(pattern: string, other: string): boolean {
  const [a, b] = [partsOf(pattern), partsOf(other)];
  if (a.segments.length > b.segments.length) return intersects(other, pattern);
  if (!a.isGlob && a.segments.length < b.segments.length) return false;
  const last = a.segments.length - 1;
  const [mine, theirs] = [a.segments[last] ?? '', b.segments[last] ?? ''];
  const theirsIsBeginning = b.isGlob && last === b.segments.length - 1;
  return (
    a.segments.slice(0, last).every((segment, i) => segmentsMeet(segment, b.segments[i] ?? '')) &&
    endsMeet([mine, a.isGlob], [theirs, theirsIsBeginning])
  );
}

function segmentsMeet(mine: string, theirs: string): boolean {
  return mine === theirs || isOpen(mine) || isOpen(theirs);
}

type End = readonly [text: string, isBeginning: boolean];

function endsMeet([mine, mineBegins]: End, [theirs, theirsBegins]: End): boolean {
  if (isOpen(mine) || isOpen(theirs)) return true;
  if (mineBegins && theirsBegins) return mine.startsWith(theirs) || theirs.startsWith(mine);
  if (mineBegins) return theirs.startsWith(mine);
  return theirsBegins ? mine.startsWith(theirs) : mine === theirs;
}

function isOpen(segment: string): boolean {
  return segment === '+' || isTemplated(segment);
}

/** Whether Vault fills in a name, such as `{{identity.entity.name}}`. */
export function isTemplated(pattern: string): boolean {
  return pattern.includes('{{');
}

/**
 * Which of two patterns Vault obeys where both match: above 0 the first, below 0 the second
 * (developer.hashicorp.com/vault/docs/concepts/policies#priority-matching).
 */
export function comparePriority(pattern: string, other: string): number {
  const wildcard = (text: string) => {
    const at = text.search(/[*]$|(?<=^|\/)[+](?=$|\/)/);
    return at < 0 ? Number.MAX_SAFE_INTEGER : at;
  };
  const isGlob = (text: string) => Number(text.endsWith('*'));
  const pluses = (text: string) => text.split('/').filter((segment) => segment === '+').length;
  return (
    wildcard(pattern) - wildcard(other) ||
    isGlob(other) - isGlob(pattern) ||
    pluses(other) - pluses(pattern) ||
    pattern.length - other.length ||
    (pattern === other ? 0 : pattern > other ? 1 : -1)
  );
}
