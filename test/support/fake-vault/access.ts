import { parseVaultPolicy, type VaultRule } from '../../../src/governance/vault/vault-policy.ts';
import { secondsOf, type Asked } from './answer.ts';

type Capability = 'create' | 'read' | 'update' | 'list' | 'delete' | 'sudo';

/**
 * Whether policies let a request through, by Vault's own algorithm: an exact path, else the best of all patterns that match;
 * the same path in several policies adds up, and deny beats all.
 */
export function allows(
  policies: readonly string[],
  asked: Pick<Asked, 'path' | 'data' | 'wrapTtl'>,
  needs: readonly Capability[],
): boolean {
  const rules = obeyed(policies.flatMap(parseVaultPolicy), asked.path, needs.includes('list'));
  if (rules.length === 0 || rules.some((rule) => rule.capabilities.includes('deny'))) return false;
  const has = (need: Capability) => rules.some((rule) => rule.capabilities.includes(need));
  if (!needs.every(has)) return false;
  if (rules.some((rule) => !wrapFits(rule, asked.wrapTtl))) return false;
  const writes = needs.includes('create') || needs.includes('update');
  const isFree = rules.some((rule) => rule.allowedParameters === undefined);
  return !writes || isFree || Object.entries(asked.data).every((each) => parameterFits(rules, each));
}

/** The rules of the one path that decides. */
function obeyed(rules: readonly VaultRule[], path: string, isList: boolean): readonly VaultRule[] {
  const exact = (wanted: string) => rules.filter((rule) => !isPattern(rule.path) && rule.path === wanted);
  const found = exact(path);
  if (found.length > 0) return found;
  const bare = isList ? exact(path.replace(/\/$/, '')) : [];
  if (bare.length > 0) return bare;
  const matching = rules.filter((rule) => isPattern(rule.path) && matches(rule.path, path));
  const best = matching
    .map((rule) => rule.path)
    .toSorted(less)
    .at(-1);
  return matching.filter((rule) => rule.path === best);
}

function isPattern(path: string): boolean {
  return path.endsWith('*') || path.split('/').includes('+');
}

/** Whether a pattern matches a path. */
export function matches(pattern: string, path: string): boolean {
  const isPrefix = pattern.endsWith('*');
  const wanted = (isPrefix ? pattern.slice(0, -1) : pattern).split('/');
  const given = path.split('/');
  if (isPrefix ? given.length < wanted.length : given.length !== wanted.length) return false;
  return wanted.every((segment, index) => {
    const there = given[index] ?? '';
    if (segment === '+') return true;
    return isPrefix && index === wanted.length - 1 ? there.startsWith(segment) : there === segment;
  });
}

function less(a: string, b: string): number {
  const at = (path: string) =>
    Math.min(
      ...[path.endsWith('*') ? path.length - 1 : Infinity, plusAt(path)].map((each) =>
        each < 0 ? Infinity : each,
      ),
    );
  const pluses = (path: string) => path.split('/').filter((segment) => segment === '+').length;
  if (at(a) !== at(b)) return at(a) < at(b) ? -1 : 1;
  if (a.endsWith('*') !== b.endsWith('*')) return a.endsWith('*') ? -1 : 1;
  if (pluses(a) !== pluses(b)) return pluses(b) - pluses(a);
  return a.length === b.length ? (a < b ? -1 : 1) : a.length - b.length;
}

function plusAt(path: string): number {
  const index = path.split('/').indexOf('+');
  return index < 0 ? -1 : path.split('/').slice(0, index).join('/').length + (index === 0 ? 0 : 1);
}

function wrapFits({ minWrappingTtl, maxWrappingTtl }: VaultRule, wrapTtl: number | null): boolean {
  const [min, max] = [secondsOf(minWrappingTtl), secondsOf(maxWrappingTtl)];
  if (min !== null && (wrapTtl === null || wrapTtl < min)) return false;
  return max === null || (wrapTtl !== null && wrapTtl <= max);
}

function parameterFits(rules: readonly VaultRule[], [name, value]: readonly [string, unknown]): boolean {
  return rules.some(({ allowedParameters: allowed = {} }) => {
    const values = allowed[name.toLowerCase()] ?? allowed['*'];
    return values !== undefined && (values.length === 0 || values.some((each) => each === value));
  });
}
