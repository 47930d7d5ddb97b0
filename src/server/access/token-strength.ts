import { createHash } from 'node:crypto';

/** Below it a token in a tokens file could be guessed: the bits of `openssl rand -hex 16`. */
export const ENOUGH_BITS = 128;

/** More characters than these add nothing: what is judged takes time that grows with their square. */
const MOST_JUDGED = 256;
/** So many characters in a row may be predictable by chance. */
const BY_CHANCE = 3;
/** Random text, too, has a share of characters that look predictable. */
const TOLERATED = 0.3;

/** English has about two bits a letter, and these pairs in half of its places; random letters have 1 in 14. */
const BITS_OF_A_WORDS_LETTER = 2;
const PAIRS_BY_CHANCE = 0.07;
/** Random text reads like words once in 160,000 times at most: the natural logarithm of that. */
const SELDOM = 12;
const PAIRS = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ' +
    'ea ra ce li ch ll be ma si om ur'
  ).split(' '),
);

/** Words that people build tokens of, and what they write for a letter. */
const WORDS = (
  'tierkeeper password passwort pass secret token changeme change reviewer review recorder record viewer view admin auditor audit ' +
  'production prod staging test default example welcome letmein login master root user agent service dashboard runner please here demo'
).split(' ');
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
/** Rows and columns of a keyboard. */
const KEYS = (
  '1234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm ' +
  '1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik, 9ol. 0p;/'
).split(' ');
const WALKS = KEYS.concat(KEYS.map((keys) => Array.from(keys).reverse().join('')));
const YEARS = /(19|20)\d\d([-/.]?[01]\d([-/.]?[0-3]\d)?)?/g;

/** Texts that look random, and that everybody knows: digits of pi and e, and UUIDs of documentation. */
const FAMOUS = [
  '31415926535897932384626433832795028841971',
  '27182818284590452353602874713526624977572',
  '123e4567e89b12d3a456426614174000',
  '123e4567e89b12d3a456426655440000',
  '550e8400e29b41d4a716446655440000',
  'f47ac10b58cc4372a5670e02b2c3d479',
  '6ba7b8109dad11d180b400c04fd430c8',
];
const HASHED = [
  ...WORDS,
  '',
  'hello',
  'hello world',
  'foo',
  'bar',
  'qwerty',
  '123456',
  'password1',
  'password123',
];

/**
 * How many random bits a token may plausibly have: its length times the bits of the alphabet that it seems to be drawn
 * from, without what repeats, counts on (`abcd`, `4321`), walks over a keyboard or reads like words. `own` are words that
 * belong to its principal, such as its id. It can't know how a token was made: it is meant to let pass whatever a generator of
 * 128 bits makes (a random UUID with its 122, too), and to find what people type.
 */
export function plausibleBits(token: string, own: readonly string[] = []): number {
  const isHex = /^[0-9a-f-]+$/i.test(token);
  const text = (isHex ? token.replaceAll('-', '') : token).slice(0, MOST_JUDGED);
  if (isFamous(text.toLowerCase())) return 0;
  const lengths = isHex ? [] : lengthsOfWords(text, own);
  const predictable = predictableIn(text, lengths);
  const counted = text.length - (predictable > text.length * TOLERATED ? predictable : 0);
  const bits = counted * Math.log2(isHex && /[a-f]/i.test(text) ? 16 : alphabetOf(text));
  return isHex ? bits : Math.min(bits, bitsOfWords(text));
}

/** Generators draw from Base64, Base32, letters and digits, or digits alone; what else there is adds to that. */
function alphabetOf(text: string): number {
  const [digits, lower, upper, other] = [/[0-9]/, /[a-z]/, /[A-Z]/, /[^0-9a-zA-Z\-_+/=.~]/].map((pattern) =>
    pattern.test(text),
  );
  const letters = lower && upper ? 64 : lower || upper ? (digits ? 36 : 32) : digits ? 10 : 2;
  return letters + (other ? 16 : 0);
}

/** Characters that follow from those before them, or belong to words. */
function predictableIn(text: string, lengths: readonly number[]): number {
  let predictable = 0;
  for (let at = 0; at < text.length;) {
    const length = Math.max(repeatedAt(text, at), countingAt(text, at), walkAt(text, at), lengths[at] ?? 0);
    if (length > BY_CHANCE) predictable += length;
    at += length > BY_CHANCE ? length : 1;
  }
  return predictable;
}

/** How many characters from a place on stood before, in the same order. */
function repeatedAt(text: string, at: number): number {
  let longest = 0;
  for (let from = 0; from < at; from += 1) {
    let length = 0;
    while (at + length < text.length && text[from + length] === text[at + length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/** How many characters from a place on count up or down by one from the character before it. */
function countingAt(text: string, at: number): number {
  const step = text.charCodeAt(at) - text.charCodeAt(at - 1);
  if (Math.abs(step) !== 1) return 0;
  let length = 0;
  while (
    at + length < text.length &&
    text.charCodeAt(at + length) - text.charCodeAt(at + length - 1) === step
  )
    length += 1;
  return length;
}

/** How many characters from a place on lie beside each other on a keyboard. */
function walkAt(text: string, at: number): number {
  const rest = text.slice(at, at + 10).toLowerCase();
  return Math.max(
    ...WALKS.map((keys) => {
      const from = keys.indexOf(rest[0] ?? '\n');
      let length = 0;
      while (from >= 0 && length < rest.length && keys[from + length] === rest[length]) length += 1;
      return length;
    }),
  );
}

/** How long the words are that begin at each place, whatever they are written with. */
function lengthsOfWords(text: string, own: readonly string[]): readonly number[] {
  const plain = text.toLowerCase();
  const read = plain.replaceAll(/[013457@$!]/g, (sign) => LEET[sign] ?? sign);
  const words = [
    ...WORDS,
    ...own.map((word) => word.toLowerCase()).filter(({ length }) => length > BY_CHANCE),
  ];
  const lengths = Array.from(text, () => 0);
  for (const word of words)
    for (const written of new Set([plain, read]))
      for (let at = written.indexOf(word); at >= 0; at = written.indexOf(word, at + 1))
        lengths[at] = Math.max(lengths[at] ?? 0, word.length);
  for (const { index, 0: date } of plain.matchAll(YEARS))
    lengths[index] = Math.max(lengths[index] ?? 0, date.length);
  return lengths;
}

/** Bits of a text that reads like words; no bound for one that does not. */
function bitsOfWords(text: string): number {
  const pairs = [...text.toLowerCase().matchAll(/(?=([a-z]{2}))/g)].map(([, pair = '']) => pair);
  const share = pairs.filter((pair) => PAIRS.has(pair)).length / Math.max(1, pairs.length);
  if (share <= PAIRS_BY_CHANCE || pairs.length * divergence(share, PAIRS_BY_CHANCE) < SELDOM) return Infinity;
  const letters = text.replace(/[^a-z]/gi, '').length;
  return letters * BITS_OF_A_WORDS_LETTER + (text.length - letters) * Math.log2(10);
}

/** Chernoff's bound: the logarithm of how seldom chance comes to a share, for each time that it is tried. */
function divergence(share: number, byChance: number): number {
  const rest = share === 1 ? 0 : (1 - share) * Math.log((1 - share) / (1 - byChance));
  return share * Math.log(share / byChance) + rest;
}

/** Whether it is a text that everybody knows, or a digest of a common word. */
function isFamous(text: string): boolean {
  if (FAMOUS.some((known) => known.startsWith(text.slice(0, 24)) && text.length >= 8)) return true;
  const algorithm = { 32: 'md5', 40: 'sha1', 64: 'sha256' }[text.length];
  if (algorithm === undefined || !/^[0-9a-f]+$/.test(text)) return false;
  return HASHED.some((word) => createHash(algorithm).update(word).digest('hex') === text);
}
