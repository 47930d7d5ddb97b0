import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import { KnownError } from '../../governance/known-error.ts';
import { parsePolicy, PolicyError, type Policy } from '../../governance/policy.ts';
import { readAtMost } from './read-at-most.ts';
import { readYaml, type YamlProblem } from './read-yaml.ts';

const MOST_BYTES = 1_048_576;
/** One mistake can make problems without end: so many are looked up, and so many of them shown. */
const MOST_PROBLEMS = 100;
const MOST_SHOWN = 20;

/** A policy file can't be used. The message is for a terminal, one line a problem; a file that can't be read has none. */
export class PolicyFileError extends KnownError {
  override readonly name = 'PolicyFileError';
  readonly code = 'POLICY_FILE';
  readonly retryable = false;

  constructor(
    readonly path: string,
    what: string,
    readonly problems: readonly YamlProblem[] = [],
  ) {
    const places = problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
    const shown = places.length > MOST_SHOWN ? [...places.slice(0, MOST_SHOWN), 'and more'] : places;
    super([`The policy file ${path} ${what}`, ...shown].join('\n  '));
  }
}

/**
 * The policy that a YAML file holds.
 * @throws PolicyFileError with the line and column of every problem.
 */
export function readPolicyFile(path: string): Policy {
  const read = policyIn(readText(path));
  if ('policy' in read) return read.policy;
  const problems = read.problems
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MOST_PROBLEMS)
    .map((problem) => ({ ...problem, message: printable(problem.message) }));
  throw new PolicyFileError(path, 'holds no valid policy:', problems);
}

function policyIn(text: string): { readonly policy: Policy } | { readonly problems: readonly YamlProblem[] } {
  const read = readYaml(text);
  if ('problems' in read) return read;
  try {
    return { policy: parsePolicy(read.data) };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const issues = error.issues.slice(0, MOST_PROBLEMS);
    return {
      problems: issues.map(({ path, message }) =>
        read.problemAt(path, `${path.join('.') || 'policy'}: ${message}`),
      ),
    };
  }
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

/** A file's own words must not steer the terminal or fill it. */
function printable(message: string): string {
  const text = message.replace(/\p{C}/gu, '\ufffd');
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
