import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fileOf, givenDatabase, givenFile, givenServer } from './given-cli.ts';

const SECRET = 'c4nary-t0ken-that-nobody-may-read';
const authorization = `Bearer ${SECRET}`;

/** What a server answers whoever holds the secret, and whoever has it slightly wrong. */
async function answers(url: string): Promise<readonly string[]> {
  const asked: readonly { readonly body: string; readonly headers?: Readonly<Record<string, string>> }[] = [
    { body: '{"query":"{ viewer { id } }"}' },
    { body: '{"query":"{ nothing }"}' },
    { body: '{', headers: { authorization, 'content-type': 'application/json' } },
    { body: '{"query":"{ viewer { id } }"}', headers: { authorization: `${authorization}x` } },
    {
      body: JSON.stringify({
        query: 'mutation { promoteAgent(input: { agentId: "eve", idempotencyKey: "k" }) { __typename } }',
      }),
    },
  ];
  return Promise.all(
    asked.map(async (init) => {
      const headers = { 'content-type': 'application/json', authorization, ...init.headers };
      return (await fetch(url, { method: 'POST', ...init, headers })).text();
    }),
  );
}

async function overSocket(url: string): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(
        JSON.stringify({ type: 'connection_init', payload: { authorization: `${authorization}x` } }),
      ),
    );
    socket.on('close', (code, reason) => resolve(`${code} ${reason.toString()}`));
  });
}

it('a token is found in no answer, log, database or metric of a server that tells all it can', async () => {
  const principal = { token: SECRET, id: 'val', kind: 'person', roles: ['viewer', 'auditor'] };
  const variables = {
    ...(await givenDatabase()),
    TIERKEEPER_TOKENS_FILE: givenFile('tokens.json', JSON.stringify([principal])),
    LOG_LEVEL: 'trace',
  };
  const { server, url } = await givenServer(variables);
  const told = [...(await answers(url)), await overSocket(url)];
  told.push(await (await fetch(new URL('/metrics', url), { headers: { authorization } })).text());
  expect(told.join()).toContain('val');
  expect(told.join()).toContain('tierkeeper_commands_total{command="PROMOTE_AGENT",code="FORBIDDEN"} 1');
  const folder = dirname(fileOf(variables));
  const stored = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
  const before = stored();
  server.process.kill('SIGTERM');
  const { stdout, stderr } = await server.ended;
  expect(stderr).toContain('answered a request');
  for (const each of [...told, ...before, ...stored(), stdout, stderr]) expect(each).not.toContain(SECRET);
});
