// The nginx configuration of docs/proxies.md, in front of a server; skipped where there is no nginx.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { tempFolder } from '../support/temp-folder.ts';
import { ask } from './ask.ts';
import { givenServer, subscribed, TOKEN, type Given } from './given-server.ts';

const NGINX = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0);
const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/proxies.md'), 'utf8');
const CONFIGURATION = /```nginx\n(.*?)```/s.exec(DOCUMENT)?.[1] ?? '';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Puts nginx in front of a server until the test ends, and gives the server's URL through it. */
async function givenNginx({ port }: Given): Promise<URL> {
  const folder = tempFolder();
  const own = await freePort();
  const http = CONFIGURATION.replace('listen 8080', `listen 127.0.0.1:${own}`).replace(
    '127.0.0.1:4000',
    `127.0.0.1:${port}`,
  );
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  const file = join(folder, 'nginx.conf');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    file,
    `${user} daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temp.join(' ')} ${http} }`,
  );
  const nginx = spawn(NGINX ?? '', ['-c', file, '-p', folder], { stdio: 'ignore' });
  onTestFinished(async () => {
    nginx.kill('SIGTERM');
    if (nginx.exitCode === null) await once(nginx, 'exit');
  });
  const url = new URL(`http://127.0.0.1:${own}/graphql`);
  await vi.waitFor(async () => expect((await fetch(new URL('/healthz', url))).status).toBe(200), 5_000);
  return url;
}

describe.skipIf(NGINX === undefined)('behind the documented nginx', () => {
  it('queries, pages of its own origin, sockets and event streams work as they do without it', async () => {
    const given = await givenServer();
    const url = await givenNginx(given);
    expect((await ask({ url: url.href }, '{ me }')).data).toEqual({ me: 'val' });

    const own = new WebSocket(url, 'graphql-transport-ws', { origin: url.origin });
    await once(own, 'open');
    own.close();

    const client = createClient({
      url: url.href.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${TOKEN.viewer}` },
    });
    onTestFinished(async () => client.dispose());
    const events = client.iterate({ query: 'subscription { waits }' });
    const event = events.next();
    await subscribed(given, 1);
    given.world.ledger.append('waits', 'over a socket');
    expect((await event).value).toEqual({ data: { waits: 'over a socket' } });

    const giveUp = new AbortController();
    const stream = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${TOKEN.viewer}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: 'subscription { waits }' }),
      signal: giveUp.signal,
    });
    await subscribed(given, 2);
    given.world.ledger.append('waits', 'over a stream');
    let text = '';
    for await (const chunk of stream.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('over a stream')) break;
    }
    giveUp.abort();
  });
});
