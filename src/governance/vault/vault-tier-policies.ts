import { isBelow, TIERS, type Tier } from '../tier.ts';
import { comparePriority, covers, intersects, isTemplated } from './vault-path.ts';
import { parseVaultPolicy, type VaultPolicy, type VaultRule } from './vault-policy.ts';
import { VaultPolicyError } from './vault-policy-error.ts';

/** What each tier may do in Vault. */
export type TierPolicies = Readonly<Record<Tier, VaultPolicy>>;

/** Where Vault keeps who may do what: no agent has any business there. */
const GOVERNED = ['sys', 'auth', 'identity'] as const;

/**
 * The policies of the tiers from their texts: none reaches into sys/, auth/ or identity/, and each allows whatever the one
 * below it allows, on every path.
 * @throws VaultPolicyError with the tier
 */
export function parseTierPolicies(texts: Readonly<Record<Tier, string>>): TierPolicies {
  const policies = Object.fromEntries(TIERS.map((tier) => [tier, parsed(tier, texts[tier])]));
  const tiers = policies as Record<Tier, VaultPolicy>;
  for (const tier of TIERS) {
    const lower = TIERS.findLast((other) => isBelow(other, tier));
    const missing = lower === undefined ? null : missingIn(tiers[tier], tiers[lower]);
    if (missing !== null)
      throw new VaultPolicyError(`${tier} must allow what ${lower ?? ''} allows, but ${missing}`, tier);
  }
  return tiers;
}

function parsed(tier: Tier, text: string): VaultPolicy {
  try {
    const policy = parseVaultPolicy(text);
    for (const rule of policy) checkRule(rule);
    return policy;
  } catch (error) {
    if (error instanceof VaultPolicyError) throw new VaultPolicyError(error.message, tier);
    throw error;
  }
}

function checkRule({ path, capabilities }: VaultRule): void {
  const governed =
    GOVERNED.find((area) => intersects(area, path) || intersects(`${area}/*`, path)) ??
    governedInNamespace(path);
  if (governed !== undefined)
    throw new VaultPolicyError(`path "${path}" reaches into ${governed}/, which is no agent's business`);
  if (capabilities.includes('sudo'))
    throw new VaultPolicyError(`path "${path}" has sudo, which no agent may have`);
}

/** What a path names in a namespace below, such as `team/sys/`; below a KV engine's `data/` it is a name like any other. */
function governedInNamespace(path: string): string | undefined {
  const segments = path.replace(/[*]$/, '').split('/');
  const engine = segments.findIndex((segment) => segment === 'data' || segment === 'metadata');
  const [, ...below] = engine < 1 ? segments : segments.slice(0, engine);
  return GOVERNED.find((area) => below.includes(area));
}

/**
 * What a policy does not allow though another does, in words; null if nothing. Vault obeys only the most specific rule, so a
 * wider policy can take away by a narrower path. It is never wrong to say null, but may find something missing in rules that
 * overlap in a complicated way.
 */
export function missingIn(policy: VaultPolicy, lower: VaultPolicy): string | null {
  for (const rule of lower) {
    if (isDenial(rule)) continue;
    const cover = policy.filter((other) => coversRule(other, rule)).toSorted(byPriority)[0];
    if (cover === undefined) return `no path of it covers "${rule.path}"`;
    const taking = policy.find(
      (other) => !allowsAll(other, rule) && isObeyed(other, cover, rule) && !isNarrowed(lower, rule, other),
    );
    if (taking !== undefined) return `"${taking.path}" allows less than "${rule.path}" does below`;
  }
  return null;
}

/** Listing an exact path is asked with a slash at its end, too. */
function coversRule(other: VaultRule, rule: VaultRule): boolean {
  if (!covers(other.path, rule.path)) return false;
  return other.path === rule.path || other.path.endsWith('*') || !rule.capabilities.includes('list');
}

function byPriority(a: VaultRule, b: VaultRule): number {
  return comparePriority(b.path, a.path);
}

/** Whether a rule may be what Vault obeys on some path of another, which `cover` covers. */
function isObeyed(rule: VaultRule, cover: VaultRule, other: VaultRule): boolean {
  if (rule === cover) return true;
  const unclear = isTemplated(rule.path) || isTemplated(cover.path);
  return meet(rule, other) && (unclear || comparePriority(rule.path, cover.path) > 0);
}

/** Listing asks an exact path with a slash at its end, and is answered by the rule without it. */
function meet(rule: VaultRule, other: VaultRule): boolean {
  return (
    intersects(rule.path, other.path) ||
    intersects(`${rule.path}/`, other.path) ||
    intersects(rule.path, `${other.path}/`)
  );
}

/** Whether the lower policy itself obeys a narrower rule wherever this one is obeyed, and that allows no more. */
function isNarrowed(lower: VaultPolicy, rule: VaultRule, taking: VaultRule): boolean {
  return lower.some(
    (narrower) =>
      covers(narrower.path, taking.path) &&
      !isTemplated(narrower.path) &&
      !isTemplated(rule.path) &&
      comparePriority(narrower.path, rule.path) > 0 &&
      allowsAll(taking, narrower),
  );
}

function allowsAll(rule: VaultRule, other: VaultRule): boolean {
  if (isDenial(other)) return true;
  if (isDenial(rule)) return false;
  return other.capabilities.every((each) => rule.capabilities.includes(each)) && isNoStricter(rule, other);
}

/** Conditions are only compared: the same ones, or none. */
function isNoStricter(rule: VaultRule, other: VaultRule): boolean {
  const conditions = ({ allowedParameters, minWrappingTtl, maxWrappingTtl }: VaultRule) => [
    allowedParameters ?? null,
    minWrappingTtl ?? null,
    maxWrappingTtl ?? null,
  ];
  const mine = conditions(rule);
  return mine.every((each) => each === null) || JSON.stringify(mine) === JSON.stringify(conditions(other));
}

function isDenial({ capabilities }: VaultRule): boolean {
  return capabilities.includes('deny');
}
