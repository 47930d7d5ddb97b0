import { expect, it } from 'vitest';
import type { StoredEntry } from '../../src/app/ports/ledger.ts';
import { Share } from '../../src/server/sharing/share.ts';
import { ToyLedger } from './sharing/toy-ledger.ts';

it.each([
  [1, [25, 25, 10]],
  [2_000, [10, 10, 10, 10, 10, 10]],
  [30_000, Array.from({ length: 60 }, () => 1)],
])(
  'events that cost %i each are answered so many at once that nobody waits long: %j',
  async (cost, sizes) => {
    const asked: number[] = [];
    const { tail } = new ToyLedger();
    const share = new Share({
      feed: { tail, type: undefined },
      cost,
      clock: { now: () => 0 },
      answer: (entries) => {
        asked.push(entries.length);
        return Promise.resolve(entries.map(() => null));
      },
      onFault: () => undefined,
    });
    const entries = Array.from({ length: 60 }, (_, index) => ({ seq: index + 1 }) as StoredEntry);
    for await (const answer of share.answers(entries)) expect(answer).not.toBeNull();
    expect(asked).toEqual(sizes);
  },
);
