import { KnownError } from '../../governance/known-error.ts';
import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  visit,
  type CST,
  type Document,
  type YAMLMap,
} from 'yaml';
import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import { parsePolicy, PolicyError, type Policy } from '../../governance/policy.ts';
import { readAtMost } from './read-at-most.ts';

const MOST_BYTES = 1_048_576;
/** One mistake can make problems without end: so many are looked up, and so many of them shown. */
const MOST_PROBLEMS = 100;
const MOST_SHOWN = 20;

/** In levels of the parser, two for each of the five that a policy needs; the composer recurses and must be kept from depth. */
const DEEPEST = 40;

/** How often aliases may repeat what they name: the same data takes no memory twice, but time to check. */
const MOST_ALIASES = 100;

/** What is wrong at one place in a policy file; lines and columns count from 1. */
export interface PolicyFileProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A policy file can't be used. The message is for a terminal, one line a problem; a file that can't be read has none. */
export class PolicyFileError extends KnownError {
  override readonly name = 'PolicyFileError';
  readonly code = 'POLICY_FILE';
  readonly retryable = false;

  constructor(
    readonly path: string,
    what: string,
    readonly problems: readonly PolicyFileProblem[] = [],
  ) {
    const places = problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
    const shown = places.length > MOST_SHOWN ? [...places.slice(0, MOST_SHOWN), 'and more'] : places;
    super([`The policy file ${path} ${what}`, ...shown].join('\n  '));
  }
}

/** Something wrong, at an offset in the text. */
interface Fault {
  readonly offset: number;
  readonly message: string;
}

/**
 * The policy that a YAML file holds.
 * @throws PolicyFileError with the line and column of every problem.
 */
export function readPolicyFile(path: string): Policy {
  const text = readText(path);
  const lines = new LineCounter();
  const read = policyIn(text, lines);
  if ('policy' in read) return read.policy;
  const problems = read.faults
    .toSorted((a, b) => a.offset - b.offset)
    .slice(0, MOST_PROBLEMS)
    .map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return { line, column: col, message: printable(message) };
    });
  throw new PolicyFileError(path, 'holds no valid policy:', problems);
}

function readText(path: string): string {
  try {
    const bytes = readAtMost(path, MOST_BYTES);
    if (bytes === null) throw new PolicyFileError(path, 'is larger than 1 MiB.');
    return decodedText(bytes);
  } catch (error) {
    if (error instanceof PolicyFileError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw new PolicyFileError(path, 'does not exist.');
    if (code === 'EISDIR') throw new PolicyFileError(path, 'is a directory.');
    if (error instanceof NotTextError) throw new PolicyFileError(path, `${error.message}.`);
    const why = error instanceof Error ? error.message : String(error);
    throw new PolicyFileError(path, `can't be read: ${why}`);
  }
}

function policyIn(text: string, lines: LineCounter): { policy: Policy } | { faults: readonly Fault[] } {
  const { tokens, tooDeep } = tokensOf(text, lines);
  if (tooDeep !== null)
    return { faults: [{ offset: tooDeep, message: 'this nests deeper than any policy' }] };
  const options = { prettyErrors: false, schema: 'core', stringKeys: true, uniqueKeys: false } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined || document.contents === null)
    return { faults: [{ offset: 0, message: 'it is empty' }] };
  if (second !== undefined)
    return { faults: [{ offset: second.range[0], message: 'a policy is one document; this is a second' }] };
  const faults = syntaxFaults(document);
  if (faults.length > 0) return { faults };
  try {
    return { policy: parsePolicy(document.toJS({ maxAliasCount: MOST_ALIASES })) };
  } catch (error) {
    if (error instanceof PolicyError)
      return { faults: error.issues.slice(0, MOST_PROBLEMS).map((issue) => issueFault(document, issue)) };
    if (error instanceof ReferenceError)
      return { faults: [{ offset: 0, message: 'its aliases repeat too much' }] };
    throw error;
  }
}

/** The parser does not recurse but keeps a stack, so depth shows before the composer, which recurses, sees the tokens. */
function tokensOf(
  text: string,
  lines: LineCounter,
): { tokens: readonly CST.Token[]; tooDeep: number | null } {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return { tokens, tooDeep: parser.offset };
  }
  tokens.push(...parser.end());
  return { tokens, tooDeep: null };
}

function syntaxFaults(document: Document.Parsed): readonly Fault[] {
  const faults = [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    message,
  }));
  if (faults.length > 0) return faults;
  const anchors = new Set<string>();
  visit(document, (_, node) => {
    if (isAlias(node) && !anchors.has(node.source))
      faults.push({ offset: startOf(node), message: `nothing before this is named &${node.source}` });
    if (isMap(node)) faults.push(...repeatedKeys(node));
    if (isNode(node) && !isAlias(node) && node.anchor !== undefined) anchors.add(node.anchor);
  });
  return faults;
}

/** The composer would find these too, but compares every two keys. */
function repeatedKeys(map: YAMLMap): readonly Fault[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key) || !seen.has(key.value)) {
      if (isScalar(key)) seen.add(key.value);
      return [];
    }
    return [{ offset: startOf(key), message: `${String(key.value)} stands here twice` }];
  });
}

function issueFault(document: Document.Parsed, { path, message }: PolicyError['issues'][number]): Fault {
  let place: Place = { node: document.contents, offset: startOf(document.contents) };
  for (const [index, part] of path.entries()) {
    const next = placeIn(document, place.node, part);
    if (next === null)
      return { offset: place.offset, message: `${path.slice(0, index + 1).join('.')} is missing` };
    place = next;
  }
  return { offset: place.offset, message: `${path.join('.') || 'policy'}: ${message}` };
}

/** A part of a document, and where a reader should look for it: what spans lines is shown at its key. */
interface Place {
  readonly node: unknown;
  readonly offset: number;
}

function placeIn(document: Document.Parsed, within: unknown, part: string | number): Place | null {
  const node = isAlias(within) ? within.resolve(document) : within;
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
    if (pair === undefined) return null;
    const { key, value } = pair;
    return { node: value, offset: startOf(isScalar(value) && value.source !== '' ? value : key) };
  }
  if (!isSeq(node) || typeof part !== 'number' || part >= node.items.length) return null;
  const item = node.items[part];
  return { node: item, offset: startOf(item) };
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** A file's own words must not steer the terminal or fill it. */
function printable(message: string): string {
  const text = message.replace(/\p{C}/gu, '\ufffd');
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
