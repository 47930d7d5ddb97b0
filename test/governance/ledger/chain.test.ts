import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  chain,
  entryHash,
  GENESIS,
  type ChainedEntry,
  type Head,
} from '../../../src/governance/ledger/chain.ts';
import { canonicalText } from '../../../src/governance/ledger/digest.ts';
import type { NewEntry } from '../../../src/governance/ledger/entries.ts';
import { AS_OF, givenState } from '../given.ts';
import { sorted } from '../json.ts';

const START: Head = { seq: 0, hash: GENESIS, recordedAt: 0 };

const NEW_ENTRIES: readonly NewEntry[] = [
  {
    type: 'POLICY_ADOPTED',
    at: AS_OF,
    agentId: null,
    actor: 'operator',
    payload: { policy: 'a'.repeat(64), previous: null },
  },
  {
    type: 'AGENT_REGISTERED',
    at: AS_OF + 1,
    agentId: 'agent-1',
    actor: 'k1',
    payload: { fromTier: null, toTier: 'T0', owner: 'k2', after: givenState() },
  },
  {
    type: 'RUN_RECORDED',
    at: AS_OF + 1,
    agentId: 'agent-1',
    actor: 'k1',
    payload: { runId: 'run "1" – ü', digest: 'b'.repeat(64), after: givenState() },
  },
  {
    type: 'VIOLATION_REPORTED',
    at: AS_OF - 9,
    agentId: 'agent-1',
    actor: 'k1',
    payload: { run: null, digest: 'c'.repeat(64) },
  },
];

function follow(entries: readonly NewEntry[], now: (index: number) => number): readonly ChainedEntry[] {
  return entries.reduce<ChainedEntry[]>(
    (chained, entry, index) => [...chained, chain(chained.at(-1) ?? START, entry, now(index))],
    [],
  );
}

const chained = follow(NEW_ENTRIES, (index) => AS_OF + index);

/** What somebody who holds only the entries can say of them: the first that doesn't follow, or null. */
function firstBroken(entries: readonly ChainedEntry[]): number | null {
  const broken = entries.findIndex((entry, index) => {
    const before = entries[index - 1] ?? START;
    return (
      entry.seq !== before.seq + 1 ||
      entry.recordedAt < before.recordedAt ||
      entry.previousHash !== before.hash ||
      entry.hash !== entryHash(entry.previousHash, entry)
    );
  });
  return broken === -1 ? null : broken;
}

describe('a chain of entries', () => {
  test('begins after 64 zeros with seq 1, and leaves no gap', () => {
    expect(GENESIS).toBe('0000000000000000000000000000000000000000000000000000000000000000');
    expect(chained.map((entry) => entry.seq)).toEqual([1, 2, 3, 4]);
    expect(chained.map((entry) => entry.previousHash)).toEqual([
      GENESIS,
      ...chained.slice(0, 3).map((each) => each.hash),
    ]);
    expect(firstBroken(chained)).toBeNull();
  });

  test('can be checked by anybody with SHA-256 and sorted JSON', () => {
    for (const { previousHash, hash, payload, payloadText, ...rest } of chained) {
      expect(payloadText).toBe(JSON.stringify(sorted(payload)));
      const text = JSON.stringify(sorted({ ...rest, payload: payloadText }));
      expect(createHash('sha256').update(`${previousHash}${text}`).digest('hex')).toBe(hash);
    }
  });

  const changes = {
    seq: (entry) => ({ ...entry, seq: entry.seq + 1 }),
    at: (entry) => ({ ...entry, at: entry.at + 1 }),
    recordedAt: (entry) => ({ ...entry, recordedAt: entry.recordedAt + 1 }),
    type: (entry) => ({ ...entry, type: 'COMMAND_REFUSED' }) as ChainedEntry,
    agentId: (entry) => ({ ...entry, agentId: entry.agentId === null ? '' : null }),
    actor: (entry) => ({ ...entry, actor: `${entry.actor} ` }),
    payload: (entry) => ({ ...entry, payloadText: entry.payloadText.replace(/.$/, ',"more":1}') }),
    previousHash: (entry) => ({ ...entry, previousHash: entry.hash }),
    hash: (entry) => ({ ...entry, hash: entry.previousHash }),
  } satisfies Record<string, (entry: ChainedEntry) => ChainedEntry>;

  test.each(Object.entries(changes))('shows a change of the %s of any entry', (_, change) => {
    chained.forEach((_, changed) => {
      const entries = chained.map((entry, index) => (index === changed ? change(entry) : entry));
      expect([changed, changed + 1]).toContain(firstBroken(entries));
    });
  });

  test('shows a change of any character of any payload', () => {
    const where = fc.nat({ max: chained.length - 1 }).chain((index) => {
      const text = chained[index]?.payloadText ?? '';
      return fc.tuple(
        fc.constant(index),
        fc.nat({ max: text.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
      );
    });
    fc.assert(
      fc.property(where, ([changed, at, character]) => {
        const entries = chained.map((entry, index) => {
          const { payloadText } = entry;
          const other = `${payloadText.slice(0, at)}${character}${payloadText.slice(at + 1)}`;
          return index === changed ? { ...entry, payloadText: other } : entry;
        });
        const same = entries[changed]?.payloadText === chained[changed]?.payloadText;
        expect(firstBroken(entries)).toBe(same ? null : changed);
      }),
    );
  });

  test('shows an entry that is left out, doubled or moved, unless it is the last ones that are gone', () => {
    const [first, second, third, fourth] = chained as [
      ChainedEntry,
      ChainedEntry,
      ChainedEntry,
      ChainedEntry,
    ];
    expect(firstBroken([second, third, fourth])).toBe(0);
    expect(firstBroken([first, third, fourth])).toBe(1);
    expect(firstBroken([first, second, second, third])).toBe(2);
    expect(firstBroken([first, third, second, fourth])).toBe(1);
    expect(firstBroken([first, second])).toBeNull();
  });

  test('never goes back in recordedAt, however the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 30 }), (clock) => {
        const [entry] = NEW_ENTRIES as [NewEntry];
        const entries = follow(
          clock.map(() => entry),
          (index) => AS_OF + (clock[index] ?? 0),
        );
        entries.forEach(({ recordedAt }, index) => {
          expect(recordedAt).toBe(Math.max(...clock.slice(0, index + 1).map((each) => AS_OF + each)));
        });
        expect(firstBroken(entries)).toBeNull();
      }),
    );
  });

  test('keeps the time at which something happened beside the time at which it was recorded', () => {
    const [, , , reported] = chained;
    expect([reported?.at, reported?.recordedAt]).toEqual([AS_OF - 9, AS_OF + 3]);
  });
});

describe('a canonical text', () => {
  test('is RFC 8785: sorted keys, shortest numbers, no blanks', () => {
    const value = {
      b: [1e21, 0.1, -0, 1e-7],
      a: 'é\u2028"\\\u0007',
      '\u20ac': true,
      '1': null,
    };
    expect(canonicalText(value)).toBe(
      '{"1":null,"a":"é\u2028\\"\\\\\\u0007","b":[1e+21,0.1,0,1e-7],"€":true}',
    );
  });

  test('leaves out what is undefined, so an absent field and an undefined one are the same', () => {
    expect(canonicalText({ a: undefined, b: 1 })).toBe(canonicalText({ b: 1 }));
  });

  test.each([undefined, () => 1, NaN, Infinity, '\ud800'])(
    'of what is not JSON does not exist (%s)',
    (value) => {
      expect(() => canonicalText(value)).toThrow();
    },
  );
});
