import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { start, typescript } from '../support/process.ts';
import { productionVariables } from '../support/given-production.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { badInputs, sendBadInputs } from '../server/bad-inputs.ts';
import { counted } from './counted.ts';

const INPUTS = counted(10_000);

it(`${INPUTS} bad inputs over HTTP, WebSocket and SSE are answered, none of them as a mistake of ours`, async () => {
  const command = typescript('test/long/processes/serve-measured.ts');
  const { process, ended } = start(command, productionVariables(tempFolder()));
  const [url] = (await once(createInterface({ input: process.stdout ?? ([] as never) }), 'line')) as [string];
  expect(await sendBadInputs(url, badInputs(200, 1))).toEqual([]);
  process.stdin?.write('now\n');
  expect(await sendBadInputs(url, badInputs(INPUTS, 7))).toEqual([]);
  expect((await fetch(new URL('/readyz', url))).status).toBe(200);
  process.stdin?.end();
  const { code, stdout, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
  console.info(
    `The event loop of the server was blocked for at most ${stdout.trim().split('\n')[1] ?? ''} ms.`,
  );
});
