import { describe, expect, test } from 'vitest';
import { digestOf, digestOfList } from '../../src/governance/ledger/digest.ts';
import {
  runDigest,
  sentDigest,
  violationDigest,
  type DigestedRun,
  type Violation,
} from '../../src/governance/run.ts';
import { AS_OF } from './given.ts';
import { leavesOf, put, reorder } from './json.ts';

const plan = { type: 'terraform_plan', decision: 'PLAN', success: true, occurredAt: AS_OF } as const;
const apply = { ...plan, type: 'terraform_apply', decision: 'EXECUTE' } as const;

const run: DigestedRun = {
  agentId: 'agent-1',
  runId: 'run-1',
  startedAt: AS_OF - 9,
  finishedAt: AS_OF,
  actions: [plan, apply],
};

const violation: Violation = {
  type: 'scope',
  severity: 'LOW',
  occurredAt: AS_OF,
  description: { id: 'text-1', digest: 'd'.repeat(64) },
};

const another = (value: unknown) => {
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? value + 1 : `${String(value)}x`;
};

describe('the digest of a run', () => {
  test.each(leavesOf(run))('changes with %j', (path, value) => {
    expect(runDigest(put(run, path, another(value)) as DigestedRun)).not.toBe(runDigest(run));
  });

  test('changes with the order and the number of its actions', () => {
    const others = [[apply, plan], [plan], [], [plan, apply, apply]];
    const digests = new Set([[plan, apply], ...others].map((actions) => runDigest({ ...run, actions })));
    expect(digests.size).toBe(5);
  });

  test('does not depend on the order of keys', () => {
    let rank = 0;
    expect(runDigest(reorder(run, () => (rank -= 1)) as DigestedRun)).toBe(runDigest(run));
  });
});

describe('the digest of a violation', () => {
  const digest = violationDigest('agent-1', violation);

  test('changes with its agent and with any of its fields', () => {
    expect(violationDigest('agent-2', violation)).not.toBe(digest);
    for (const path of [['type'], ['severity'], ['occurredAt'], ['description', 'digest']])
      expect(violationDigest('agent-1', put(violation, path, another('x')) as Violation)).not.toBe(digest);
    expect(violationDigest('agent-1', { ...violation, description: null })).not.toBe(digest);
  });

  test('covers a description by its digest alone, so that it can be blanked', () => {
    expect(violationDigest('agent-1', put(violation, ['description', 'id'], 'text-2') as Violation)).toBe(
      digest,
    );
  });
});

test('the digest of what was sent is the same for the same content under the same salt alone', () => {
  expect(sentDigest('salt', { a: 1, b: 2 })).toBe(sentDigest('salt', { b: 2, a: 1 }));
  expect(sentDigest('salt', { a: 1 })).not.toBe(sentDigest('pepper', { a: 1 }));
  expect(sentDigest('salt', { a: 1 })).not.toBe(sentDigest('salt', { a: 2 }));
});

test('the digest of a list, which is never one text, is that of its text', () => {
  for (const list of [[], [1], [{ b: 2, a: 1 }, null, 'x,y']])
    expect(digestOfList(list)).toBe(digestOf(list));
});
