import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Runs an example as README says it, with these variables. */
function ran(example: string, variables: Readonly<Record<string, string>>) {
  const { TIERKEEPER_TOKEN: _, TIERKEEPER_URL: __, ...environment } = process.env;
  return new Promise<readonly [unknown, string]>((resolve) => {
    execFile(
      join(ROOT, 'node_modules/.bin/tsx'),
      [`examples/${example}.ts`],
      { cwd: ROOT, env: { ...environment, ...variables } },
      (error, _stdout, stderr) => resolve([error?.code, stderr]),
    );
  });
}

describe('an example that can’t begin says why in a line, and ends with 1', () => {
  it.each(['urql', 'apollo', 'graphql-ws', 'server-sent-events'])('%s', async (example) => {
    const url = 'http://127.0.0.1:9';
    expect(await ran(example, {})).toEqual([1, expect.stringMatching(/^error: Set TIERKEEPER_TOKEN .*\n$/)]);
    expect(await ran(example, { TIERKEEPER_TOKEN: 'x', TIERKEEPER_URL: url })).toEqual([
      1,
      expect.stringMatching(/^error: fetch failed.*\n$/),
    ]);
  });
});
