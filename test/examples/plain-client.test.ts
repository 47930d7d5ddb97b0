import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient, type ClientOptions } from 'graphql-ws';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { productionVariables, TOKENS } from '../support/given-production.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The options of the client in README, with its address and token replaced. */
function readmeOptions(url: string, token: string): ClientOptions {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const [, options = ''] = /```ts\nconst client = createClient\((\{[^]*?\n\})\);\n```/.exec(readme) ?? [];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text of README is what is tested
  const made = new Function('token', `return (${options.replace('ws://127.0.0.1:4000/graphql', url)})`) as (
    token: string,
  ) => ClientOptions;
  return made(token);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The built server, on the same port and database each time. */
async function served(folder: string, port: number) {
  const env = { ...process.env, ...productionVariables(folder), PORT: String(port) };
  const child = spawn(process.execPath, ['dist/main.js', 'serve'], { cwd: ROOT, env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ready = () => fetch(`http://127.0.0.1:${port}/readyz`).then(({ ok }) => expect(ok).toBe(true));
  await vi.waitFor(ready, { timeout: 15_000, interval: 50 });
  return { stop: () => (child.kill('SIGTERM'), ended) };
}

async function record(port: number, runId: string): Promise<void> {
  const at = '2026-11-23T10:00:00Z';
  const run = { agentId: 'eve', runId, startedAt: at, finishedAt: at, actions: [] };
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKENS.runner}` },
    body: JSON.stringify({
      query: 'mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { __typename } }',
      variables: { input: { runs: [run] } },
    }),
  });
  expect(await response.text()).toContain('RunsRecorded');
}

it('a plain client with the options of README goes on after the server was stopped and started again', async () => {
  const [folder, port] = [tempFolder(), await freePort()];
  const server = await served(folder, port);
  const options = readmeOptions(`ws://127.0.0.1:${port}/graphql`, TOKENS.viewer);
  expect(Object.keys(options)).toEqual(
    expect.arrayContaining(['retryAttempts', 'shouldRetry', 'retryWait', 'keepAlive']),
  );
  let connections = 0;
  const client = createClient({
    ...options,
    webSocketImpl: WebSocket,
    on: { connected: () => (connections += 1) },
  });
  onTestFinished(() => void client.dispose());
  const seen: unknown[] = [];
  let failed: unknown;
  client.subscribe(
    {
      query:
        'subscription { ledgerAppended(filter: { types: [RUN_RECORDED] }) { entry { ... on RunRecordedEntry { run { runId } } } } }',
    },
    { next: ({ data }) => seen.push(data), error: (error) => (failed = error), complete: () => undefined },
  );
  const follows = async (runId: string) => {
    // A subscription without a cursor begins when the server has it: what was recorded before is not for it.
    let tries = 0;
    await vi.waitFor(
      async () => {
        tries += 1;
        await record(port, `${runId}-${tries}`);
        expect(JSON.stringify(seen)).toContain(runId);
      },
      { timeout: 10_000, interval: 100 },
    );
  };
  await vi.waitFor(() => expect(connections).toBe(1));
  await follows('before');
  await server.stop();
  await served(folder, port);
  await vi.waitFor(() => expect(connections).toBe(2), { timeout: 15_000 });
  await follows('after');
  expect(failed).toBeUndefined();
}, 60_000);
