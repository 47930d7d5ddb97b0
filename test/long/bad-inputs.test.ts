import { expect, it } from 'vitest';
import { givenProduction } from '../support/given-production.ts';
import { badInputs, sendBadInputs } from '../server/bad-inputs.ts';

it('10,000 bad inputs over HTTP, WebSocket and SSE are answered, none of them as a mistake of ours', async () => {
  const given = await givenProduction();
  const { wrong, longestBlockMs } = await sendBadInputs(given.url, badInputs(10_000, 7));
  console.info(
    `The event loop was blocked for at most ${longestBlockMs.toFixed(0)} ms, clients beside the server.`,
  );
  expect(wrong).toEqual([]);
  expect((await fetch(new URL('/readyz', given.url))).status).toBe(200);
});
