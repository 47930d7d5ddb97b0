import { expect, it } from 'vitest';
import { documentCache } from '../../src/server/document-cache.ts';

it('what callers send does not fill the memory: only so many documents are kept, and no long one', () => {
  const cache = documentCache<object>();
  const value = {};
  for (let n = 0; n < 600; n++) cache.set(`{ a${n} }`, value);
  const kept = Array.from({ length: 600 }, (_, n) => cache.get(`{ a${n} }`)).filter(
    (found) => found === value,
  );
  expect(kept).toHaveLength(500);
  cache.set(`{ a } #${'x'.repeat(10_000)}`, value);
  expect(cache.get(`{ a } #${'x'.repeat(10_000)}`)).toBeUndefined();
});
