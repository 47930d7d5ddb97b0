import { VaultPolicyError } from './vault-policy-error.ts';

/** What a policy's text comes to before it is understood: blocks `path "x" { … }`, and attributes in them. */
export type PolicyValue = string | number | boolean | readonly PolicyValue[] | PolicyObject;

/** An object of a policy's text, in the order of its keys. */
export type PolicyObject = ReadonlyMap<string, PolicyValue>;

/** One block of a policy's text. */
export interface PolicyBlock {
  readonly path: string;
  readonly body: PolicyObject;
  /** The line that it begins in, from 1. */
  readonly line: number;
}

interface Token {
  readonly kind: 'WORD' | 'STRING' | 'NUMBER' | 'MARK' | 'END';
  readonly text: string;
  readonly line: number;
}

/**
 * Spaces, comments, strings, words, numbers and marks. Strings have neither escapes nor interpolation: whatever could be
 * read in two ways is not read at all, since Vault reads it again.
 */
const TOKEN =
  /(?<blank>[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[^]*?\*\/)|"(?<string>[^"\\\n$\p{Cc}]*)"|(?<word>[A-Za-z_][A-Za-z0-9_-]*)|(?<number>\d{1,9})|(?<mark>[{}[\]=,:])/uy;

const DEEPEST = 8;

/**
 * The blocks of a policy in HCL, which is also what `vault policies` prints.
 * @throws VaultPolicyError with the line
 */
export function readPolicyText(text: string): readonly PolicyBlock[] {
  const tokens = tokensOf(text);
  const blocks: PolicyBlock[] = [];
  let at = 0;
  const peek = () => tokens[at] ?? { kind: 'END' as const, text: '', line: 0 };
  const next = () => {
    const token = peek();
    at += 1;
    return token;
  };
  const expect = (kind: Token['kind'], text?: string) => {
    const token = next();
    if (token.kind !== kind || (text !== undefined && token.text !== text))
      throw problem(token, `${text ?? kind.toLowerCase()} is expected`);
    return token;
  };
  const reader = { peek, next, expect };
  while (peek().kind !== 'END') {
    const { line } = expect('WORD', 'path');
    const path = expect('STRING').text;
    blocks.push({ path, body: objectOf(reader, 1), line });
  }
  return blocks;
}

interface Reader {
  peek(): Token;
  next(): Token;
  expect(kind: Token['kind'], text?: string): Token;
}

function objectOf(reader: Reader, depth: number): PolicyObject {
  const open = reader.expect('MARK', '{');
  if (depth > DEEPEST) throw problem(open, 'nested too deeply');
  const entries = new Map<string, PolicyValue>();
  while (!isMark(reader.peek(), '}')) {
    const key = reader.next();
    if (key.kind !== 'WORD' && key.kind !== 'STRING') throw problem(key, 'a name is expected');
    if (entries.has(key.text)) throw problem(key, `${key.text} is given twice`);
    reader.expect('MARK', '=');
    entries.set(key.text, valueOf(reader, depth));
    if (isMark(reader.peek(), ',')) reader.next();
  }
  reader.expect('MARK', '}');
  return entries;
}

function valueOf(reader: Reader, depth: number): PolicyValue {
  const token = reader.peek();
  if (isMark(token, '{')) return objectOf(reader, depth + 1);
  if (isMark(token, '[')) return listOf(reader, depth + 1);
  reader.next();
  if (token.kind === 'STRING') return token.text;
  if (token.kind === 'NUMBER') return Number(token.text);
  if (token.kind === 'WORD' && (token.text === 'true' || token.text === 'false'))
    return token.text === 'true';
  throw problem(token, 'a value is expected');
}

function listOf(reader: Reader, depth: number): readonly PolicyValue[] {
  const open = reader.expect('MARK', '[');
  if (depth > DEEPEST) throw problem(open, 'nested too deeply');
  const values: PolicyValue[] = [];
  while (!isMark(reader.peek(), ']')) {
    values.push(valueOf(reader, depth));
    if (!isMark(reader.peek(), ']')) reader.expect('MARK', ',');
  }
  reader.expect('MARK', ']');
  return values;
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const where: Token = { kind: 'MARK', text: text.slice(at, at + 1), line };
    if (match === null) throw problem(where, 'it is not understood; strings have no \\ and no $');
    const token = tokenOf(match, line);
    if (token !== null) tokens.push(token);
    line += match[0].split('\n').length - 1;
    at += match[0].length;
  }
  return [...tokens, { kind: 'END', text: '', line }];
}

function tokenOf({ groups = {} }: RegExpExecArray, line: number): Token | null {
  const { string, word, number, mark } = groups;
  if (string !== undefined) return { kind: 'STRING', text: string, line };
  if (word !== undefined) return { kind: 'WORD', text: word, line };
  if (number !== undefined) return { kind: 'NUMBER', text: number, line };
  return mark === undefined ? null : { kind: 'MARK', text: mark, line };
}

function isMark({ kind, text }: Token, mark: string): boolean {
  return kind === 'MARK' && text === mark;
}

function problem({ kind, text, line }: Token, what: string): VaultPolicyError {
  const where = kind === 'END' ? 'at its end' : `at ${JSON.stringify(text)}`;
  return new VaultPolicyError(`line ${line}, ${where}: ${what}`);
}
