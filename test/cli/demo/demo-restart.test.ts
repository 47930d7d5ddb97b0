import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fileOf, givenDatabase, printed, starting, tierkeeper, type Variables } from '../given-cli.ts';

interface Start {
  readonly url: string;
  readonly tokens: readonly { readonly token: string; readonly id: string }[];
}

async function givenDemo(database: Variables) {
  const demo = starting(['demo', '--json'], { ...database, PORT: '0' });
  const [line] = await printed(demo, /^\{"url".*\}\n/);
  const stop = async () => {
    demo.process.kill('SIGTERM');
    expect((await demo.ended).code).toBe(0);
  };
  return { start: JSON.parse(line) as Start, stop };
}

it('the demonstration prints the same tokens after a restart, from a file that only its user reads, and lets local pages in', async () => {
  const database = await givenDatabase();
  const first = await givenDemo(database);
  const { url } = first.start;
  for (const origin of ['http://localhost:5173', 'http://127.0.0.1:3000', 'http://[::1]:8080']) {
    const { status, headers } = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, origin]);
  }
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', {
    origin: 'http://localhost:5173',
  });
  await once(socket, 'open');
  socket.terminate();
  const foreign = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: 'http://localhost.example.com', 'access-control-request-method': 'POST' },
  });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  await first.stop();
  expect(statSync(`${fileOf(database)}.tokens.json`).mode & 0o777).toBe(0o600);
  const second = await givenDemo(database);
  expect(second.start.tokens).toEqual(first.start.tokens);
  await second.stop();
});

it('the demonstration refuses a tokens file of its own that others read or that is broken, leaves it alone, and says what to do', async () => {
  const database = await givenDatabase();
  const file = `${fileOf(database)}.tokens.json`;
  writeFileSync(file, '[{ "token": "sekret-1"', { mode: 0o600 });
  const broken = await tierkeeper(['demo'], { ...database, PORT: '0' });
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringMatching(/not JSON.*Remove it/)]);
  expect(broken.stderr).not.toContain('sekret');
  chmodSync(file, 0o644);
  const open = await tierkeeper(['demo'], { ...database, PORT: '0' });
  expect([open.code, open.stderr]).toEqual([2, expect.stringMatching(/other users.*chmod 600/)]);
  expect(readFileSync(file, 'utf8')).toContain('sekret-1');
});
