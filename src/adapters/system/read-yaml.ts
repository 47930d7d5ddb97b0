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

/** In levels of the parser, two for each level of the data; the composer recurses and must be kept from depth. */
const DEEPEST = 40;
/** How often aliases may repeat what they name: the same data takes no memory twice, but time to check. */
const MOST_ALIASES = 100;

/** A problem at one place in a text; lines and columns count from 1. */
export interface YamlProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** The data of a YAML text, and the places that its parts came from. */
export interface YamlData {
  readonly data: unknown;
  /** A problem of the part at a path; where the path leads nowhere, that the part is missing. */
  problemAt(path: readonly (string | number)[], message: string): YamlProblem;
}

/** A problem, at an offset in the text. */
interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** Reads one YAML document that a stranger may have written: bounded in depth and in aliases, without repeated keys. */
export function readYaml(text: string): YamlData | { readonly problems: readonly YamlProblem[] } {
  const lines = new LineCounter();
  const told = ({ offset, message }: Fault): YamlProblem => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, message };
  };
  const read = documentIn(text, lines);
  if ('faults' in read) return { problems: read.faults.toSorted((a, b) => a.offset - b.offset).map(told) };
  const { document, data } = read;
  return { data, problemAt: (path, message) => told(faultAt(document, path, message)) };
}

function documentIn(
  text: string,
  lines: LineCounter,
): { readonly document: Document.Parsed; readonly data: unknown } | { readonly faults: readonly Fault[] } {
  const { tokens, tooDeep } = tokensOf(text, lines);
  if (tooDeep !== null) return { faults: [{ offset: tooDeep, message: 'this nests deeper than 20 levels' }] };
  const options = { prettyErrors: false, schema: 'core', stringKeys: true, uniqueKeys: false } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined || document.contents === null)
    return { faults: [{ offset: 0, message: 'it is empty' }] };
  if (second !== undefined)
    return {
      faults: [{ offset: second.range[0], message: 'a second document begins here; there may be only one' }],
    };
  const faults = syntaxFaults(document);
  if (faults.length > 0) return { faults };
  try {
    return { document, data: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown };
  } catch (error) {
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

function faultAt(document: Document.Parsed, path: readonly (string | number)[], message: string): Fault {
  let place: Place = { node: document.contents, offset: startOf(document.contents) };
  for (const [index, part] of path.entries()) {
    const next = placeIn(document, place.node, part);
    if (next === null)
      return { offset: place.offset, message: `${path.slice(0, index + 1).join('.')} is missing` };
    place = next;
  }
  return { offset: place.offset, message };
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
