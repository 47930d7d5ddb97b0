import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { strict } from '../../src/governance/policies/strict.ts';
import {
  adoptedPolicy,
  factsNeeded,
  keyOf,
  parsePolicy,
  permitsOf,
  policyData,
  PolicyError,
  revocationRules,
  stepFrom,
} from '../../src/governance/policy.ts';
import { givenPolicy } from './given.ts';
import { leavesOf, objectsOf, put, remove, reorder, sorted, type Path } from './json.ts';

const data = (): unknown => structuredClone(policyData(strict));

function issuesOf(policy: unknown): PolicyError['issues'] {
  try {
    parsePolicy(policy);
  } catch (error) {
    if (error instanceof PolicyError) return error.issues;
    throw error;
  }
  return [];
}

const pathsOf = (policy: unknown) => issuesOf(policy).map((issue) => issue.path);

describe('a policy is refused, with the path to what is wrong,', () => {
  test('if any field of it is missing', () => {
    const fields = objectsOf(data()).flatMap(([path, object]) =>
      Object.keys(object).map((key) => [...path, key]),
    );
    expect(fields.length).toBeGreaterThan(80);
    for (const path of fields) expect(pathsOf(remove(data(), path))).toContainEqual(path);
  });

  test.each(['extra', '__proto__', 'constructor', 'toString', 'digest'])(
    'if any part of it has a field %s',
    (name) => {
      for (const [path] of objectsOf(data()))
        expect(pathsOf(put(data(), [...path, name], 1))).toEqual([[...path, name]]);
    },
  );

  test('if its steps stand in another order', () => {
    const steps = [...strict.steps].reverse();
    expect(pathsOf({ ...policyData(strict), steps })).toEqual(
      [0, 1, 2, 3].map((index) => ['steps', index, 'from']),
    );
  });

  test.each([3, 5])('if it has %i steps', (length) => {
    const steps = Array.from({ length }, (_, index) => strict.steps[index % 4]);
    expect(pathsOf({ ...policyData(strict), steps })).toContainEqual(['steps']);
  });

  test('if a step asks the same twice, even with another number', () => {
    const twice = put(data(), ['steps', 1, 'requirements', 6], { kind: 'VIOLATIONS', atMost: 3 });
    expect(pathsOf(twice)).toEqual([['steps', 1, 'requirements']]);
    const counts = { kind: 'ACTION_TYPE', action: 'terraform_plan', counts: 'ANY' };
    expect(pathsOf(put(data(), ['steps', 1, 'requirements', 6], counts))).toEqual([
      ['steps', 1, 'requirements'],
    ]);
  });

  test('if a step names a role of approvers twice', () => {
    const needs = [
      { role: 'ADMIN', count: 1 },
      { role: 'ADMIN', count: 2 },
    ];
    expect(pathsOf(put(data(), ['steps', 3, 'needs'], needs))).toEqual([['steps', 3, 'needs']]);
  });

  test.each<[Path, unknown]>([
    [['windowDays'], 0],
    [['windowDays'], 1.5],
    [['windowDays'], 367],
    [['windowDays'], '30'],
    [['windowDays'], NaN],
    [['name'], 'Not A Name'],
    [['steps', 0, 'description'], '   '],
    [['steps', 0, 'description'], 'half a pair \ud800'],
    [['steps', 0, 'requirements'], []],
    [['steps', 0, 'requirements', 0, 'kind'], 'LUCK'],
    [['steps', 0, 'requirements', 0, 'atLeast'], -1],
    [['steps', 0, 'requirements', 0, 'since'], 'EVER'],
    [['steps', 0, 'requirements', 2, 'action'], ''],
    [['steps', 0, 'requirements', 2, 'action'], '\udc00'],
    [['steps', 0, 'requirements', 3, 'atMost'], -1],
    [['steps', 0, 'needs'], []],
    [['steps', 0, 'needs', 0, 'role'], 'VIEWER'],
    [['steps', 0, 'needs', 0, 'count'], 0],
    [['tiers', 'T0', 'permits', 0], '\ud800'],
  ])('if %j is %j', (path, value) => {
    expect(pathsOf(put(data(), path, value))).toEqual([path]);
  });

  test('with every issue at once, and each of them in the message', () => {
    const wrong = put(put(data(), ['windowDays'], 0), ['tiers', 'T4', 'permits'], 'all');
    expect(pathsOf(wrong)).toEqual([['windowDays'], ['tiers', 'T4', 'permits']]);
    expect(() => parsePolicy(wrong)).toThrow(/windowDays: .*; tiers\.T4\.permits: /);
  });

  test('and never fails in another way, whatever it is', () => {
    const paths = [[], ...objectsOf(data()).map(([path]) => path), ...leavesOf(data()).map(([path]) => path)];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        expect(() => issuesOf(put(data(), path, value))).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the digest of a policy', () => {
  test('is SHA-256 of its canonical JSON', () => {
    const text = JSON.stringify(sorted(policyData(strict)));
    expect(strict.digest).toBe(createHash('sha256').update(text).digest('hex'));
  });

  test('does not depend on the order of keys', () => {
    const shuffled = fc.array(fc.nat(), { minLength: 1, maxLength: 50 }).map((ranks) => {
      let next = 0;
      return reorder(data(), () => ranks[next++ % ranks.length] ?? 0);
    });
    fc.assert(
      fc.property(shuffled, (policy) => {
        expect(parsePolicy(policy).digest).toBe(strict.digest);
      }),
    );
  });

  test('changes with any datum', () => {
    const digests = new Set([strict.digest]);
    const changed = leavesOf(data())
      .map(([path, value]) => put(data(), path, another(value)))
      .filter((policy) => issuesOf(policy).length === 0);
    for (const policy of changed) digests.add(parsePolicy(policy).digest);
    expect(changed.length).toBeGreaterThan(70);
    expect(digests.size).toBe(changed.length + 1);
  });

  test('changes with the order of what stands in order', () => {
    const guidance = [...(strict.steps[0]?.guidance ?? [])].reverse();
    expect(parsePolicy(put(data(), ['steps', 0, 'guidance'], guidance)).digest).not.toBe(strict.digest);
  });
});

const ALTERNATIVES = [
  ['LIFETIME', 'TIER'],
  ['ANY', 'SUCCESSFUL_EXECUTIONS', 'SUCCESSFUL_PLANS'],
  ['REVIEWER', 'ADMIN'],
  ['COMPLIANT_RUNS', 'CONSECUTIVE_COMPLIANT_RUNS'],
];

function another(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  const pair = ALTERNATIVES.find((each) => each.includes(String(value)));
  return pair?.find((each) => each !== value) ?? `${String(value)}x`;
}

describe('what a policy says of tiers', () => {
  test('a tier may do what it and every tier below it permits', () => {
    expect(permitsOf(baseline, 'T0')).toEqual(['generate_plan']);
    expect(permitsOf(baseline, 'T1')).toEqual(['ansible_check', 'generate_plan', 'terraform_plan']);
    const sandbox = ['ansible_check', 'ansible_run', 'generate_plan', 'terraform_apply', 'terraform_plan'];
    expect(permitsOf(baseline, 'T2')).toEqual(sandbox);
    expect(permitsOf(baseline, 'T3')).toEqual(sandbox);
    expect(permitsOf(baseline, 'T4')).toEqual(['*']);
  });

  test('a tier that repeats a permit of a lower one has it once', () => {
    const policy = parsePolicy(
      put(policyData(baseline), ['tiers', 'T1', 'permits'], ['generate_plan', '__proto__']),
    );
    expect(permitsOf(policy, 'T1')).toEqual(['__proto__', 'generate_plan']);
  });

  test('everything (*) at a tier is everything at the tiers above', () => {
    const policy = parsePolicy(put(policyData(baseline), ['tiers', 'T2', 'permits'], ['ansible_run', '*']));
    expect(permitsOf(policy, 'T1')).not.toContain('*');
    expect(permitsOf(policy, 'T3')).toEqual(['*']);
  });

  test('no step leaves T4, and nothing needs to be looked up there', () => {
    expect(stepFrom(baseline, 'T4')).toBeNull();
    expect(factsNeeded(baseline, 'T4')).toEqual(
      factsNeeded(givenPolicy([{ kind: 'TIME_AT_TIER', days: 1 }]), 'T0'),
    );
  });

  test('what must be looked up is no more than the step asks', () => {
    expect(factsNeeded(baseline, 'T1')).toEqual({
      actionTypes: ['ansible_check', 'terraform_plan'],
      executionTypes: [],
      planTypes: [],
      successfulExecutions: 2,
      violations: 1,
    });
    expect(factsNeeded(strict, 'T1').planTypes).toEqual(['ansible_check', 'terraform_plan']);
    expect(factsNeeded(strict, 'T2').executionTypes).toEqual(['ansible_run', 'terraform_apply']);
  });

  test('a requirement is named by its kind, and by its action type if it has one', () => {
    expect(strict.steps[1]?.requirements.map(keyOf)).toEqual([
      'COMPLIANT_RUNS',
      'CONSECUTIVE_COMPLIANT_RUNS',
      'ACTION_TYPE:ansible_check',
      'ACTION_TYPE:terraform_plan',
      'SUCCESSFUL_MODIFICATIONS',
      'VIOLATIONS',
      'TIME_AT_TIER',
    ]);
  });
});

test('a policy adopted before there were rules of revocation keeps its data and digest, and none is configured like it', () => {
  const { revocation: _, ...before } = policyData(baseline);
  const adopted = adoptedPolicy(JSON.parse(JSON.stringify(before)));
  expect(policyData(adopted)).toEqual(before);
  expect(adopted.digest).not.toBe(baseline.digest);
  expect(revocationRules(adopted)).toEqual([]);
  expect(pathsOf(before)).toEqual([['revocation']]);
});

test('a policy is refused if two rules of revocation have one name', () => {
  const [rule] = revocationRules(strict);
  expect(pathsOf({ ...policyData(strict), revocation: [rule, rule] })).toEqual([['revocation']]);
});
