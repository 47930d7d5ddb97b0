// The entrance of the environment: what every variable is put through before anybody looks at it. It imports nothing, so
// that a command which needs no configuration does not load any.

/** Names and values as a process is given them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** White space, line ends, a byte order mark and what has no width: what files and shells leave around a value. */
const AROUND = /^[\s\u200b-\u200d\u2060\ufeff]+|[\s\u200b-\u200d\u2060\ufeff]+$/g;

/** Variables whose value may span lines. */
const OF_LINES = new Set(['TIERKEEPER_LIMITS', 'TIERKEEPER_ALLOWED_ORIGINS', 'TIERKEEPER_SIGNING_KEY']);

/** Every variable without what surrounds its value; one that is nothing else is absent. */
export function trimEnvironment(environment: Environment): Readonly<Record<string, string>> {
  const trimmed = Object.entries(environment).map(
    ([name, value = '']) => [name, value.replace(AROUND, '')] as const,
  );
  return Object.fromEntries(trimmed.filter(([, value]) => value !== ''));
}

/** What nobody means to write in a value, by the name of its variable; null if there is nothing. */
export function oddityOf(name: string, value: string): string | null {
  const text = OF_LINES.has(name) ? value.replace(/[\t\r\n]/g, '') : value;
  if (/\p{Cc}/u.test(text)) return 'holds a line break or another control character; it must be one line';
  if (/[\u200b\u2060\ufeff]/.test(text)) return 'holds a character that can not be seen; type it anew';
  if (text.includes('\ufffd')) return 'holds bytes that are not UTF-8';
  if (/^(["'`]).*\1$|^["']$/s.test(value))
    return 'is in quotes, which belong to the value here; remove them (docker --env-file keeps them)';
  return null;
}

/**
 * One sentence for each variable of the product's own namespace that it does not know: a misspelt one would be silently
 * without effect. It is no error, because a newer version may know it.
 */
export function unknownVariables(environment: Environment, known: readonly string[]): readonly string[] {
  const unknown = Object.keys(environment).filter(
    (name) => /^TIERKEEPER_/i.test(name) && !known.includes(name),
  );
  return unknown.map((name) => {
    const near = nearest(name.trim().toUpperCase(), known);
    const shown = name.replace(/[^\x21-\x7e]/g, '?').slice(0, 100);
    return `${shown} is no variable of this version and has no effect${near === null ? '' : `; is ${near} meant?`}`;
  });
}

/** The most similar of some names; null if none is like it. */
export function nearest(name: string, known: readonly string[]): string | null {
  const scored = known.map((each) => ({ each, steps: distance(name, each) }));
  const [best] = scored.sort((a, b) => a.steps - b.steps);
  return best !== undefined && best.steps <= Math.max(2, Math.floor(name.length / 4)) ? best.each : null;
}

/** How many letters must be added, removed or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
