import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { givenProduction, TOKENS } from '../support/given-production.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHROMIUM = '/usr/bin/chromium';
const BUILTINS = new Set(builtinModules);

/** Bundles an example for browsers, and tells what it is made of. */
async function bundleOf(name: string) {
  const { metafile, outputFiles, warnings } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`examples/${name}.ts`],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    metafile: true,
    logLevel: 'silent',
  });
  const files = Object.keys(metafile.inputs);
  const imported = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path));
  return { files, imported, warnings, text: outputFiles[0]?.text ?? '' };
}

describe.each(['graphql-ws', 'urql', 'apollo', 'server-sent-events'])(
  'examples/%s.ts in a browser',
  (name) => {
    it('is bundled with nothing of Node and without ws', async () => {
      const { files, imported, warnings, text } = await bundleOf(name);
      expect(warnings).toEqual([]);
      expect(imported.filter((path) => path.startsWith('node:') || BUILTINS.has(path))).toEqual([]);
      expect(files.filter((file) => file.includes('node_modules/ws/'))).toEqual([]);
      expect(text).not.toContain('TIERKEEPER_TOKEN');
    });
  },
);

/** What a page does: every example at once, each telling whom it shows first. */
const PAGE = `
  import { watchEligibility as plain } from './examples/graphql-ws.ts';
  import { watchEligibility as streamed } from './examples/server-sent-events.ts';
  import { createUrqlClient, watchWaiting as urql } from './examples/urql.ts';
  import { createApolloClient, watchWaiting as apollo } from './examples/apollo.ts';
  globalThis.watch = (url, token) => {
    const access = { url: new URL(url), token: () => token };
    const { signal } = new AbortController();
    const told = (globalThis.told = {});
    const tell = (name) => (agents) => { told[name] = [...(told[name] ?? []), ...agents.map(({ agentId }) => agentId)]; };
    const listener = (name) => ({ waiting: tell(name), eligible: ({ agent }) => tell(name)([agent]) });
    const failed = (name) => (error) => { told[name] = String(error); };
    plain(access, listener('graphql-ws'), signal).catch(failed('graphql-ws'));
    streamed(access, listener('server-sent-events'), signal).catch(failed('server-sent-events'));
    urql(createUrqlClient(access), tell('urql'), signal).catch(failed('urql'));
    apollo(createApolloClient(access), tell('apollo'), signal).catch(failed('apollo'));
  };
`;

/** Serves the page on an origin of its own. */
async function givenPage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: { contents: PAGE, resolveDir: ROOT },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  const server = createServer(({ url }, response) => {
    const script = url === '/page.js';
    response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
    response.end(
      script ? outputFiles[0]?.text : '<!doctype html><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function earn(url: string, agentId: string): Promise<void> {
  const at = new Date().toISOString();
  const runs = Array.from({ length: 5 }, (_, index) => ({
    agentId,
    runId: `run-${index}`,
    startedAt: at,
    finishedAt: at,
    actions: [{ type: 'generate_plan', decision: 'PLAN', success: true, occurredAt: at }],
  }));
  await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKENS.runner}` },
    body: JSON.stringify({
      query: 'mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { __typename } }',
      variables: { input: { runs } },
    }),
  });
}

describe('the examples in Chromium', () => {
  it.skipIf(!existsSync(CHROMIUM))(
    'show who waits and who becomes eligible, from a page of another origin that is allowed',
    async () => {
      const page = await givenPage();
      const { url } = await givenProduction({ TIERKEEPER_ALLOWED_ORIGINS: page });
      await earn(url, 'first');
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
      onTestFinished(() => browser.close());
      const tab = await browser.newPage();
      await tab.goto(page);
      await tab.waitForFunction('globalThis.watch');
      await tab.evaluate(`watch(${JSON.stringify(url)}, ${JSON.stringify(TOKENS.viewer)})`);
      await tab.waitForFunction(
        "Object.keys(told).length === 4 && Object.values(told).every((each) => each.includes('first'))",
      );
      await earn(url, 'second');
      await tab.waitForFunction("Object.values(told).every((each) => each.includes('second'))");
    },
    60_000,
  );
});
