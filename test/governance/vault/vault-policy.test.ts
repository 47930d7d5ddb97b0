import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIERS, type Tier } from '../../../src/governance/tier.ts';
import { OWN_POLICIES } from '../../../src/governance/vault/vault-own-policies.ts';
import { comparePriority, covers, intersects } from '../../../src/governance/vault/vault-path.ts';
import {
  parseVaultPolicy,
  VAULT_CAPABILITIES,
  vaultPolicyText,
  type VaultCapability,
  type VaultPolicy,
} from '../../../src/governance/vault/vault-policy.ts';
import { VaultPolicyError } from '../../../src/governance/vault/vault-policy-error.ts';
import { missingIn, parseTierPolicies } from '../../../src/governance/vault/vault-tier-policies.ts';
import { TIER_TEMPLATES } from '../../../src/governance/vault/vault-tier-templates.ts';
import { allows, matches } from '../../support/fake-vault/access.ts';

const RUNS = { numRuns: 2_000 };
const segment = fc.constantFrom('a', 'b', 'ab', '+');
const literal = fc.constantFrom('a', 'b', 'ab', 'ba', 'c');
const path = fc.array(literal, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '*', '/*', '/'))
  .map(([parts, end]) => `${parts.join('/')}${end === '*' && parts.at(-1) === '+' ? '' : end}`);
const capabilities = fc.subarray([...VAULT_CAPABILITIES.slice(0, 6), 'deny'] as VaultCapability[], {
  minLength: 1,
});
const policy: fc.Arbitrary<VaultPolicy> = fc.uniqueArray(fc.record({ path: pattern, capabilities }), {
  selector: (rule) => rule.path,
  maxLength: 5,
});
const parameters = fc.option(
  fc.dictionary(fc.constantFrom('x', 'y'), fc.array(fc.oneof(fc.constantFrom('1', 'a*'), fc.boolean())), {
    minKeys: 1,
  }),
  { nil: undefined },
);

describe('patterns of paths', () => {
  it('that cover others match whatever these match', () => {
    fc.assert(
      fc.property(pattern, pattern, path, (a, b, at) => {
        if (covers(a, b) && matches(b, at)) expect(matches(a, at)).toBe(true);
      }),
      RUNS,
    );
  });

  it('that match the same path meet', () => {
    fc.assert(
      fc.property(pattern, pattern, path, (a, b, at) => {
        if (matches(a, at) && matches(b, at)) expect(intersects(a, b)).toBe(true);
      }),
      RUNS,
    );
  });

  it('have an order, in which an exact path is first', () => {
    const sorted = ['*', '+/b/c', 'a/+/*', 'a/+/b*', 'a/*', 'a/+/b', 'a/b*', 'a/b/+', 'a/b/c'];
    expect(sorted.toReversed().toSorted(comparePriority)).toEqual(sorted);
  });
});

describe('a policy', () => {
  it('is what its text says', () => {
    fc.assert(
      fc.property(policy, parameters, (rules, allowed) => {
        const whole = rules.map((rule) => ({
          ...rule,
          capabilities: VAULT_CAPABILITIES.filter((each) => rule.capabilities.includes(each)),
          ...(allowed === undefined ? {} : { allowedParameters: allowed }),
        }));
        expect(parseVaultPolicy(vaultPolicyText(whole as VaultPolicy))).toEqual(whole);
      }),
    );
  });

  it.each([
    ['path "a" {', 'at its end'],
    ['path "a" { capabilities = ["read"] } }', 'line 1, at "}"'],
    ['path "a\\u002f" { capabilities = ["read"] }', 'strings have no \\'],
    ['path "${x}" { capabilities = ["read"] }', 'strings have no \\'],
    ['path <<E\na\nE\n{ capabilities = ["read"] }', 'line 1, at "<"'],
    ['name = "x"', 'path is expected'],
    ['path "a" { policy = "write" }', 'policy is not supported'],
    ['path "a" { capabilities = "read" }', 'must be a list'],
    ['path "a" { capabilities = [] }', 'must be a list'],
    ['path "a" { capabilities = ["write"] }', 'no capability write; there are create, read'],
    ['path "a" { capabilities = ["read"] capabilities = ["deny"] }', 'capabilities is given twice'],
    ['path "a" { capabilities = ["read"] }\npath "/a" { capabilities = ["list"] }', '"a" is given twice'],
    ['path "a/../sys" { capabilities = ["read"] }', 'must not contain . or ..'],
    ['path "a//b" { capabilities = ["read"] }', 'has segments of'],
    ['path "a*b" { capabilities = ["read"] }', '* may only end it'],
    ['path "+*" { capabilities = ["read"] }', 'must not follow'],
    ['path "" { capabilities = ["read"] }', 'must not be empty'],
    ['path "a%2fb" { capabilities = ["read"] }', 'has segments of'],
    [`path "a" { capabilities = ${'['.repeat(20)} }`, 'nested too deeply'],
    ['path "a" { capabilities = ["read"] allowed_parameters = [] }', 'must name lists'],
    ['path "a" { capabilities = ["read"] min_wrapping_ttl = "soon" }', 'must be a duration'],
  ])('is refused with the reason: %j', (text, why) => {
    expect(() => parseVaultPolicy(text)).toThrow(VaultPolicyError);
    expect(() => parseVaultPolicy(text)).toThrow(why);
  });

  it('of any text is read or refused, and nothing else', () => {
    const pieces = fc.constantFrom(
      'path',
      '"a"',
      '"sys/*"',
      '{',
      '}',
      '[',
      ']',
      '=',
      ',',
      'capabilities',
      '"read"',
      '#',
      '/*',
      '*/',
      '\n',
      '"',
      '1',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces).map((each) => each.join(' ')),
    );
    fc.assert(
      fc.property(text, (any) => {
        try {
          parseVaultPolicy(any);
        } catch (error) {
          expect(error).toBeInstanceOf(VaultPolicyError);
        }
      }),
      RUNS,
    );
  });

  it('of our own is one that can be read', () => {
    for (const rules of Object.values(OWN_POLICIES))
      expect(parseVaultPolicy(vaultPolicyText(rules))).toEqual(rules);
  });
});

describe('a policy that misses nothing of another', () => {
  const NEEDS = ['create', 'read', 'update', 'list', 'delete', 'sudo'] as const;
  it('allows whatever the other allows, on any path', () => {
    let found = 0;
    const pair = fc
      .tuple(policy, policy)
      .chain(([lower, more]) =>
        fc
          .constantFrom(more, [
            ...lower,
            ...more.filter((rule) => !lower.some((other) => other.path === rule.path)),
          ])
          .map((upper) => ({ lower, upper })),
      );
    fc.assert(
      fc.property(
        pair,
        path,
        fc.boolean(),
        fc.constantFrom(...NEEDS),
        ({ lower, upper }, bare, slash, need) => {
          if (missingIn(upper, lower) !== null) return;
          const asked = { path: slash || need === 'list' ? `${bare}/` : bare, data: {}, wrapTtl: null };
          if (!allows([vaultPolicyText(lower)], asked, [need])) return;
          found += 1;
          expect(allows([vaultPolicyText(upper)], asked, [need])).toBe(true);
        },
      ),
      { numRuns: 20_000 },
    );
    // 125 on average, with a deviation of 11: fewer would say that the cases miss what they are to find.
    expect(found).toBeGreaterThan(60);
  });

  it('is at least itself, and itself with more on the same paths', () => {
    fc.assert(
      fc.property(policy, (rules) => {
        expect(missingIn(rules, rules)).toBeNull();
        const more = rules.map((rule) => ({
          ...rule,
          capabilities: rule.capabilities.includes('deny')
            ? rule.capabilities
            : ([...rule.capabilities, 'read'] as const),
        }));
        expect(missingIn(more, rules)).toBeNull();
      }),
    );
  });

  it.each([
    [
      'path "kv/*" { capabilities = ["read"] }\npath "kv/a/*" { capabilities = ["deny"] }',
      '"kv/a/*" allows less',
    ],
    [
      'path "kv/*" { capabilities = ["read"] }\npath "kv/+/x" { capabilities = ["list"] }',
      '"kv/+/x" allows less',
    ],
    ['path "kv/*" { capabilities = ["list"] }', '"kv/*" allows less'],
    ['path "kv/a*" { capabilities = ["read"] }', 'no path of it covers "kv/*"'],
    ['path "kv/*" { capabilities = ["read"] allowed_parameters = { "x" = [] } }', '"kv/*" allows less'],
    [
      'path "kv/*" { capabilities = ["read"] }\npath "kv/{{identity.entity.name}}" { capabilities = ["deny"] }',
      'allows less',
    ],
  ])('is not: %s', (text, why) => {
    const lower = parseVaultPolicy('path "kv/*" { capabilities = ["read"] }');
    expect(missingIn(parseVaultPolicy(text), lower)).toContain(why);
  });
});

it('a list of an exact path is not covered by a pattern that the slash at its end does not fit', () => {
  const lower = parseVaultPolicy('path "kv/a" { capabilities = ["list"] }');
  expect(missingIn(parseVaultPolicy('path "kv/+" { capabilities = ["list"] }'), lower)).toContain(
    'no path of it',
  );
  expect(missingIn(parseVaultPolicy('path "kv/*" { capabilities = ["list"] }'), lower)).toBeNull();
});

describe('the policies of the tiers', () => {
  it('as they come are each more than the one below', () => {
    expect(Object.keys(parseTierPolicies(TIER_TEMPLATES))).toEqual([...TIERS]);
  });

  it('may name sys, auth and identity where a KV engine keeps secrets', () => {
    const text = `${TIER_TEMPLATES.T4}\npath "kv/data/auth/*" { capabilities = ["read"] }`;
    expect(parseTierPolicies({ ...TIER_TEMPLATES, T4: text }).T4.at(-1)?.path).toBe('kv/data/auth/*');
  });

  const changed = (tier: Tier, text: string) => () => parseTierPolicies({ ...TIER_TEMPLATES, [tier]: text });

  it.each([
    'sys/*',
    '*',
    '+/policies/acl/x',
    's*',
    'auth/token/create',
    '/identity/entity',
    'identit*',
    '+',
    '{{a}}/x',
    'sys/',
    'team/sys/policies/acl/x',
    'team/payments/auth/token/create',
    'team/identity*',
  ])('are refused if one reaches into what governs Vault: %s', (reaching) => {
    const text = `${TIER_TEMPLATES.T4}\npath "${reaching}" { capabilities = ["read"] }`;
    expect(changed('T4', text)).toThrow(/^path ".*" reaches into (sys|auth|identity)\/, which/);
  });

  it('are refused with sudo, and if a tier has less than the one below', () => {
    expect(changed('T4', `${TIER_TEMPLATES.T4} path "kv/x" { capabilities = ["sudo"] }`)).toThrow('has sudo');
    expect(changed('T3', TIER_TEMPLATES.T1)).toThrow(
      'T3 must allow what T2 allows, but no path of it covers "secret/data/sandbox/*"',
    );
    expect(changed('T0', 'path')).toThrow(
      expect.objectContaining({ tier: 'T0', message: 'line 1, at its end: string is expected' }),
    );
  });
});
