import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTokens } from '../../src/server/access/tokens-file.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tierkeeper } from './given-cli.ts';

const LONG = ['--id', 'dana', '--role', 'reviewer', '--role', 'admin', '--agents', 'payments-*'];

describe('token new', () => {
  it('prints a token once, and the entry that lets it in and does not hold it, and makes no file', async () => {
    const folder = tempFolder();
    const DATABASE_URL = `file:${join(folder, 'none.db')}`;
    const { code, stdout } = await tierkeeper(['token', 'new', '--id', 'dana', '--role', 'reviewer'], {
      DATABASE_URL,
    });
    expect(code).toBe(0);
    const token = /^tk_[\w-]{43}$/m.exec(stdout)?.[0] ?? '';
    const entry = /^\{.*\}$/m.exec(stdout)?.[0] ?? '';
    expect(stdout.split(token)).toHaveLength(2);
    const hash = createHash('sha256').update(token).digest('hex');
    expect(readTokens(`[${entry}]`, '').get(hash)).toMatchObject({
      id: 'dana',
      kind: 'PERSON',
      roles: ['REVIEWER'],
    });
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  });

  it('with --json prints both as JSON, with every limit that was asked for, and another token each time', async () => {
    const args = ['--json', 'token', 'new', ...LONG, '--expires', '2030-01-31T12:00:00Z', '--kind', 'person'];
    const [first, second] = await Promise.all([tierkeeper(args, {}), tierkeeper(args, {})]);
    const { token, entry } = first.json() as { token: string; entry: object };
    expect(entry).toEqual({
      tokenSha256: createHash('sha256').update(token).digest('hex'),
      id: 'dana',
      kind: 'person',
      roles: ['reviewer', 'admin'],
      agents: ['payments-*'],
      expiresAt: '2030-01-31T12:00:00Z',
    });
    expect((second.json() as { token: string }).token).not.toBe(token);
  });

  it.each([
    [['--id', 'dana'], /role/],
    [['--role', 'viewer'], /--id/],
    [['--id', 'system:x', '--role', 'viewer'], /--id must not begin with system:/],
    [['--id', 'dana', '--role', 'boss'], /--role must be one of viewer/],
    [['--id', 'dana', '--role', 'viewer', '--kind', 'robot'], /--kind must be one of person/],
    [['--id', 'Not An Agent', '--role', 'recorder', '--kind', 'agent'], /--id must be 1 to 200/],
    [['--id', 'dana', '--role', 'viewer', '--agents', '*x'], /--agents must be an agent id/],
    [['--id', 'dana', '--role', 'viewer', '--expires', 'tomorrow'], /--expires must be a time/],
    [['--id', 'dana', '--role', 'viewer', '--expires', '2020-01-01T00:00:00Z'], /--expires 2020-.* is past/],
  ])('refuses %j with the reason, and makes no token', async (args, reason) => {
    const { code, stdout } = await tierkeeper(['--json', 'token', 'new', ...args], {});
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'USAGE', message: expect.stringMatching(reason) as string },
    });
    expect(stdout).not.toContain('tk_');
  });
});
