/** Below it a token in a tokens file could be guessed: the bits of `openssl rand -hex 16`. */
export const ENOUGH_BITS = 128;

/** More characters than these add nothing: what is judged takes time that grows with their square. */
const MOST_JUDGED = 256;
/** So many characters in a row may repeat or count on by chance. */
const BY_CHANCE = 3;
/** Random text, too, has a share of characters that look predictable. */
const TOLERATED = 0.25;
/** English has about two bits a letter, and these pairs in more than half of its places; random letters have 1 in 13. */
const BITS_OF_A_WORDS_LETTER = 2;
const PAIRS_OF_WORDS = 0.45;
const PAIRS = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ' +
    'ea ra ce li ch ll be ma si om ur'
  ).split(' '),
);

/** What people build tokens of; each counts as one character. */
const WORDS =
  /tierkeeper|pass(word|wort)?|secret|token|change(me|it)?|review(er)?|record(er)?|view(er)?|admin|audit(or)?|prod(uction)?|staging|test|default|example|welcome|qwerty|asdf|letmein|login|master|root|user|agent|service|dashboard|runner|please|here|demo/gi;

/** Characters of a class, and how many there are of it. */
const CLASSES = [
  [/[0-9]/, 10],
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[-_+/=.~]/, 2],
  [/[^0-9a-zA-Z\-_+/=.~]/, 16],
] as const;

/**
 * How many random bits a token may plausibly have: its length times the bits of the alphabet that it seems to be drawn
 * from, without what repeats, counts on (`abcd`, `4321`) or reads like words. It can't know how a token was made: it is
 * meant to let pass whatever a generator of 128 bits makes (a random UUID with its 122, too), and to find what people type.
 */
export function plausibleBits(token: string): number {
  const hex = /^[0-9a-f-]+$/i.test(token);
  const text = (hex ? token.replaceAll('-', '') : token.replace(WORDS, 'w')).slice(0, MOST_JUDGED);
  const predictable = predictableIn(text);
  const counted = text.length - (predictable > text.length * TOLERATED ? predictable : 0);
  const bits = counted * Math.log2(hex && /[a-f]/i.test(text) ? 16 : alphabetOf(text));
  return hex ? bits : Math.min(bits, bitsOfWords(text));
}

function alphabetOf(text: string): number {
  const sizes = CLASSES.map(([pattern, size]) => (pattern.test(text) ? size : 0));
  return Math.max(
    1,
    sizes.reduce<number>((sum, size) => sum + size, 0),
  );
}

/** Characters that follow from those before them. */
function predictableIn(text: string): number {
  let predictable = 0;
  for (let at = 1; at < text.length;) {
    const length = Math.max(repeatedAt(text, at), countingAt(text, at));
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

/** Bits of a text that reads like words; no bound for one that does not. */
function bitsOfWords(text: string): number {
  const pairs = [...text.toLowerCase().matchAll(/(?=([a-z]{2}))/g)].map(([, pair = '']) => pair);
  const like = pairs.filter((pair) => PAIRS.has(pair)).length;
  if (pairs.length < 6 || like < pairs.length * PAIRS_OF_WORDS) return Infinity;
  const letters = text.replace(/[^a-z]/gi, '').length;
  return letters * BITS_OF_A_WORDS_LETTER + (text.length - letters) * Math.log2(10);
}
