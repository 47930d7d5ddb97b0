import { expect, it } from 'vitest';
import { givenProduction } from '../support/given-production.ts';
import { badInputs, sendBadInputs } from './bad-inputs.ts';

it('300 bad inputs over HTTP, WebSocket and SSE are answered, none of them as a mistake of ours', async () => {
  const given = await givenProduction();
  expect(await sendBadInputs(given.url, badInputs(300, 1))).toEqual([]);
  expect((await fetch(new URL('/readyz', given.url))).status).toBe(200);
}, 60_000);
