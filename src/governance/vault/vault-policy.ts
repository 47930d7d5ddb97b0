import { VaultPolicyError } from './vault-policy-error.ts';
import {
  readPolicyText,
  type PolicyBlock,
  type PolicyObject,
  type PolicyValue,
} from './vault-policy-text.ts';

/** What Vault can allow on a path, in the order in which it is written. */
export const VAULT_CAPABILITIES = [
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'sudo',
  'deny',
] as const;

/** One thing that Vault can allow. */
export type VaultCapability = 'create' | 'read' | 'update' | 'patch' | 'delete' | 'list' | 'sudo' | 'deny';

/** The values that each parameter may have; none: any. */
export type VaultParameters = Readonly<Record<string, readonly (string | boolean)[]>>;

/** What a policy says about the paths that a pattern matches. */
export interface VaultRule {
  /** `*` at its end stands for anything, `+` for one segment. */
  readonly path: string;
  readonly capabilities: readonly VaultCapability[];
  /** The only parameters that may be sent, if any are named. */
  readonly allowedParameters?: VaultParameters;
  /** In which range an answer must be wrapped, such as `1s` to `1h`. */
  readonly minWrappingTtl?: string;
  readonly maxWrappingTtl?: string;
}

/** A policy of Vault: its rules have different paths. */
export type VaultPolicy = readonly VaultRule[];

const KNOWN = new Set(['capabilities', 'allowed_parameters', 'min_wrapping_ttl', 'max_wrapping_ttl']);
const DURATION = /^[1-9]\d{0,6}[smh]$/;

/** One literal segment: what an address may hold unescaped, and the names that Vault fills in. */
const SEGMENT = /^(?:[\w.~@-]|\{\{[\w. -]+\}\})+$/;

/**
 * A policy from its text in HCL.
 * @throws VaultPolicyError
 */
export function parseVaultPolicy(text: string): VaultPolicy {
  const rules = readPolicyText(text).map(ruleOf);
  const twice = rules.find(({ path }, index) => rules.findIndex((other) => other.path === path) < index);
  if (twice !== undefined) throw new VaultPolicyError(`path "${twice.path}" is given twice`);
  return rules;
}

/** The text of a policy in HCL: parsed again it is the same. */
export function vaultPolicyText(policy: VaultPolicy): string {
  return policy.map((rule) => `path "${rule.path}" {\n${bodyLines(rule).join('\n')}\n}\n`).join('\n');
}

function bodyLines(rule: VaultRule): readonly string[] {
  const list = (values: readonly (string | boolean)[]) =>
    `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  const parameters = Object.entries(rule.allowedParameters ?? {});
  return [
    `  capabilities = ${list(rule.capabilities)}`,
    ...(parameters.length === 0
      ? []
      : [
          '  allowed_parameters = {',
          ...parameters.map(([name, values]) => `    "${name}" = ${list(values)}`),
          '  }',
        ]),
    ...(rule.minWrappingTtl === undefined ? [] : [`  min_wrapping_ttl = "${rule.minWrappingTtl}"`]),
    ...(rule.maxWrappingTtl === undefined ? [] : [`  max_wrapping_ttl = "${rule.maxWrappingTtl}"`]),
  ];
}

function ruleOf({ path: given, body, line }: PolicyBlock): VaultRule {
  const fail = (what: string) => new VaultPolicyError(`line ${line}, path "${given}": ${what}`);
  const unknown = [...body.keys()].find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw fail(`${unknown} is not supported; a path has ${[...KNOWN].join(', ')}`);
  const path = given.replace(/^\//, '');
  const wrong = pathProblem(path);
  if (wrong !== null) throw fail(wrong);
  const parameters = parametersOf(body.get('allowed_parameters'), fail);
  const [min, max] = ['min_wrapping_ttl', 'max_wrapping_ttl'].map((key) =>
    durationOf(body.get(key), key, fail),
  );
  return {
    path,
    capabilities: capabilitiesOf(body, fail),
    ...(parameters === null ? {} : { allowedParameters: parameters }),
    ...(min == null ? {} : { minWrappingTtl: min }),
    ...(max == null ? {} : { maxWrappingTtl: max }),
  };
}

type Fail = (what: string) => VaultPolicyError;

function pathProblem(path: string): string | null {
  const [rest, isGlob] = path.endsWith('*') ? [path.slice(0, -1), true] : [path, false];
  const segments = rest.split('/');
  const last = segments.at(-1) ?? '';
  if (rest === '' && !isGlob) return 'a path must not be empty';
  if (isGlob && last === '+') return 'a * must not follow a +';
  const fits = (segment: string, index: number) =>
    segment === '+' || SEGMENT.test(segment) || (segment === '' && index === segments.length - 1);
  if (!segments.every(fits))
    return 'a path has segments of letters, digits and . _ ~ @ -, or + for one segment; * may only end it';
  return segments.includes('..') || segments.includes('.') ? 'a path must not contain . or ..' : null;
}

function capabilitiesOf(body: PolicyObject, fail: Fail): readonly VaultCapability[] {
  const values = body.get('capabilities');
  if (!isList(values) || values.length === 0)
    throw fail('capabilities must be a list, such as ["read", "list"]');
  const unknown = values.find((value) => !VAULT_CAPABILITIES.some((known) => known === value));
  if (unknown !== undefined)
    throw fail(`there is no capability ${describe(unknown)}; there are ${VAULT_CAPABILITIES.join(', ')}`);
  return VAULT_CAPABILITIES.filter((known) => values.includes(known));
}

function parametersOf(value: PolicyValue | undefined, fail: Fail): VaultParameters | null {
  if (value === undefined) return null;
  const wrong = fail('allowed_parameters must name lists of strings, such as { "ttl" = ["1h"] }');
  if (!isObject(value) || value.size === 0) throw wrong;
  return Object.fromEntries(
    [...value].map(([name, values]) => {
      if (!isList(values) || !/^[\w.*-]+$/.test(name)) throw wrong;
      return [name, values.map((each) => parameterOf(each, wrong))];
    }),
  );
}

function parameterOf(value: PolicyValue, wrong: VaultPolicyError): string | boolean {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  throw wrong;
}

function durationOf(value: PolicyValue | undefined, key: string, fail: Fail): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && DURATION.test(value)) return value;
  throw fail(`${key} must be a duration such as "5m"`);
}

function isList(value: PolicyValue | undefined): value is readonly PolicyValue[] {
  return Array.isArray(value);
}

function isObject(value: PolicyValue): value is PolicyObject {
  return value instanceof Map;
}

function describe(value: PolicyValue): string {
  return typeof value === 'string' ? value : typeof value;
}
