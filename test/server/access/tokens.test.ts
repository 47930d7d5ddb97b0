import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { randomIds } from '../../../src/adapters/system/ids.ts';
import { createLog } from '../../../src/adapters/system/log.ts';
import { followTokensFile } from '../../../src/server/access/follow-tokens-file.ts';
import { openTokens, type TokensOptions } from '../../../src/server/access/tokens.ts';
import { readTokens, TokensFileError } from '../../../src/server/access/tokens-file.ts';

const SECRET = 's3cret-token';
const ENTRY = { token: SECRET, id: 'dana', kind: 'person', roles: ['viewer', 'reviewer'] };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function problemsOf(content: string): readonly string[] {
  try {
    readTokens(content, 'tokens.json');
  } catch (error) {
    if (error instanceof TokensFileError) return error.problems;
    throw error;
  }
  return [];
}

async function givenFile(content: unknown) {
  const folder = await mkdtemp(join(tmpdir(), 'tierkeeper-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tokens.json');
  await writeFile(file, JSON.stringify(content));
  return { folder, file, save: (now: unknown) => writeFile(file, JSON.stringify(now)) };
}

async function givenTokens(options: Partial<TokensOptions>) {
  const lines: string[] = [];
  const tokens = await openTokens({
    file: null,
    jwt: null,
    host: '127.0.0.1',
    clock: systemClock,
    ids: randomIds,
    log: createLog('info', { write: (line) => void lines.push(line) }),
    ...options,
  });
  onTestFinished(() => tokens.close());
  return { ...tokens, lines };
}

describe('a tokens file', () => {
  it('names principals by token or by its hash, in the spelling of the file', () => {
    const principals = readTokens(
      JSON.stringify([
        ENTRY,
        {
          tokenSha256: sha256('x').toUpperCase(),
          id: 'payments-1',
          kind: 'agent',
          roles: ['recorder', 'recorder'],
        },
        {
          token: 'y',
          id: 'bot',
          kind: 'service',
          roles: ['viewer'],
          agents: ['payments-*', 'a'],
          expiresAt: '2030-01-01T02:00:00+02:00',
        },
      ]),
      'tokens.json',
    );
    const none = { agents: null, expiresAt: null };
    expect([...principals]).toEqual([
      [sha256(SECRET), { id: 'dana', kind: 'PERSON', roles: ['VIEWER', 'REVIEWER'], ...none }],
      [sha256('x'), { id: 'payments-1', kind: 'AGENT', roles: ['RECORDER'], ...none }],
      [
        sha256('y'),
        {
          id: 'bot',
          kind: 'SERVICE',
          roles: ['VIEWER'],
          agents: ['payments-*', 'a'],
          expiresAt: Date.UTC(2030, 0, 1),
        },
      ],
    ]);
  });

  it.each<[unknown, string]>([
    [{}, 'it must be a list'],
    [['x'], 'entry 0 must be an object'],
    [[{ ...ENTRY, token: undefined }], 'entry 0 must have either token or tokenSha256'],
    [[{ ...ENTRY, tokenSha256: sha256('x') }], 'entry 0 must have either token or tokenSha256'],
    [[{ ...ENTRY, token: 'with space' }], 'entry 0 token must be printable ASCII without spaces'],
    [[{ ...ENTRY, token: undefined, tokenSha256: 'x' }], 'entry 0 tokenSha256 must be 64 hex digits'],
    [[ENTRY, { ...ENTRY, token: 'y', kind: 'system' }], 'entry 1 kind must be one of person, agent, service'],
    [
      [{ ...ENTRY, roles: ['viewer', 'REVIEWER'] }],
      'entry 0 roles 1 must be one of viewer, recorder, reviewer, admin, auditor',
    ],
    [[{ ...ENTRY, roles: [] }], 'entry 0 roles must name a role'],
    [
      [{ ...ENTRY, agents: ['Payments'] }],
      'entry 0 agents 0 must be an agent id, or its beginning followed by *',
    ],
    [
      [{ ...ENTRY, agents: ['*-payments'] }],
      'entry 0 agents 0 must be an agent id, or its beginning followed by *',
    ],
    [
      [{ ...ENTRY, expiresAt: '2030-01-01T00:00:00' }],
      'entry 0 expiresAt must be a time such as 2030-01-31T12:00:00Z',
    ],
    [[{ ...ENTRY, id: 'two words' }], 'entry 0 id must be 1 to 200 characters without spaces'],
    [[{ ...ENTRY, id: 'erased:1f' }], 'entry 0 id must not begin with system:, operator:, local: or erased:'],
    [
      [{ ...ENTRY, id: 'system:clock' }],
      'entry 0 id must not begin with system:, operator:, local: or erased:',
    ],
    [
      [{ ...ENTRY, rolse: [] }],
      'entry 0 has a field other than token, tokenSha256, id, kind, roles, agents and expiresAt',
    ],
    [[ENTRY, { ...ENTRY, id: 'lee' }], "entry 1 token is another entry's too"],
    [
      [ENTRY, { ...ENTRY, token: undefined, tokenSha256: sha256(SECRET) }],
      "entry 1 token is another entry's too",
    ],
    [
      [ENTRY, { ...ENTRY, token: 'y', kind: 'service' }],
      'entry 1 kind is not what an earlier entry says of this id',
    ],
  ])('is refused if it says %j', (content, problem) => {
    expect(problemsOf(JSON.stringify(content))).toEqual([problem]);
  });

  it.each(['*', 'pay*', 'Upper', 'a..b'])(
    'names no agent that is none, and sees no other through its name: %s',
    (id) => {
      expect(problemsOf(JSON.stringify([{ ...ENTRY, kind: 'agent', id }]))).toEqual([
        expect.stringMatching(/^entry 0 id is not an agent's/),
      ]);
    },
  );

  it('reports everything at once, and never repeats a token', () => {
    const content = JSON.stringify([
      {
        ...ENTRY,
        kind: SECRET,
        roles: [SECRET],
        agents: [SECRET.toUpperCase()],
        [SECRET]: 1,
        expiresAt: SECRET,
      },
    ]);
    const problems = problemsOf(content);
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.join()).not.toMatch(new RegExp(SECRET, 'i'));
    for (const broken of [content.slice(0, -3), `[{"token": ${SECRET}}]`, SECRET, '']) {
      const [problem] = problemsOf(broken);
      expect(problem).toMatch(/^it is not JSON/);
      expect(problem).not.toContain('s3cret');
    }
  });
});

describe('tokens', () => {
  it('let in whoever has one, by Bearer alone, until it expires', async () => {
    let now = 1_000;
    const { file } = await givenFile([{ ...ENTRY, expiresAt: new Date(2_000).toISOString() }]);
    const tokens = await givenTokens({ file, clock: { now: () => now } });
    const principal = await tokens.authenticate(`Bearer ${SECRET}`);
    expect(principal).toMatchObject({ id: 'dana', kind: 'PERSON' });
    expect(await tokens.authenticate(`bearer  ${SECRET}`)).toBe(principal);
    const wrong = [
      SECRET,
      `Basic ${SECRET}`,
      `Bearer ${SECRET}x`,
      `Bearer ${SECRET} `,
      `Bearer ${sha256(SECRET)}`,
      '',
      null,
      undefined,
      [`Bearer ${SECRET}`],
      {},
    ];
    for (const value of wrong) expect(await tokens.authenticate(value)).toBeNull();
    now = 2_000;
    expect(await tokens.authenticate(`Bearer ${SECRET}`)).toBeNull();
  });

  it('follow a file that is written, replaced by a rename, or reached through a link that is swapped', async () => {
    const { file, folder, save } = await givenFile([]);
    const tokens = await givenTokens({ file });
    const letsIn = (token: string) =>
      vi.waitFor(async () => expect(await tokens.authenticate(`Bearer ${token}`)).not.toBeNull(), 5_000);
    await save([{ ...ENTRY, token: 'written' }]);
    await letsIn('written');
    await writeFile(join(folder, 'new'), JSON.stringify([{ ...ENTRY, token: 'renamed' }]));
    await rename(join(folder, 'new'), file);
    await letsIn('renamed');
    expect(await tokens.authenticate('Bearer written')).toBeNull();
    for (const version of ['1', '2']) {
      await mkdir(join(folder, version));
      await writeFile(
        join(folder, version, 'tokens.json'),
        JSON.stringify([{ ...ENTRY, token: `linked-${version}` }]),
      );
    }
    await symlink(join(folder, '1'), join(folder, 'data'));
    await unlink(file);
    await symlink(join(folder, 'data', 'tokens.json'), file);
    await letsIn('linked-1');
    await symlink(join(folder, '2'), join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'data'));
    await letsIn('linked-2');
  });

  it('are read again on SIGHUP', async () => {
    const { file, folder } = await givenFile([ENTRY]);
    const target = await givenFile([{ ...ENTRY, token: 'elsewhere' }]);
    await unlink(file);
    await symlink(target.file, file);
    const tokens = await givenTokens({ file: join(folder, 'tokens.json') });
    await target.save([{ ...ENTRY, token: 'changed' }]);
    expect(await tokens.authenticate('Bearer changed')).toBeNull();
    process.kill(process.pid, 'SIGHUP');
    await vi.waitFor(async () => expect(await tokens.authenticate('Bearer changed')).not.toBeNull(), 5_000);
  });

  it('stay what they were while the file is broken or gone, and the log says so without a token', async () => {
    const { file, save } = await givenFile([ENTRY]);
    const tokens = await givenTokens({ file });
    const complaints = (many: number) =>
      vi.waitFor(
        () =>
          expect(tokens.lines.filter((line) => line.includes('tokens file is broken'))).toHaveLength(many),
        5_000,
      );
    await save([{ ...ENTRY, token: 'new-token', kind: SECRET }]);
    await complaints(1);
    expect(await tokens.authenticate(`Bearer ${SECRET}`)).not.toBeNull();
    await save([{ ...ENTRY, token: 'newer-token', kind: SECRET }]);
    await complaints(2);
    await unlink(file);
    await complaints(3);
    expect(await tokens.authenticate(`Bearer ${SECRET}`)).not.toBeNull();
    await save([{ ...ENTRY, token: 'new-token' }]);
    await vi.waitFor(async () => expect(await tokens.authenticate('Bearer new-token')).not.toBeNull(), 5_000);
    expect(tokens.lines.join('')).not.toMatch(/newe?r?-token|s3cret/);
  });

  it('are complained of once while they are broken, though the complaint changes their folder', async () => {
    const { file, folder } = await givenFile([ENTRY]);
    const lines: string[] = [];
    const write = (line: string) => {
      lines.push(line);
      appendFileSync(join(folder, 'log'), line);
    };
    const followed = await followTokensFile({ file, clock: systemClock, log: createLog('warn', { write }) });
    onTestFinished(() => followed.close());
    for (const [round, field] of ['id', 'kind', 'roles', 'agents', 'expiresAt'].entries()) {
      await writeFile(join(folder, 'next'), JSON.stringify([{ ...ENTRY, [field]: 7 }]));
      await rename(join(folder, 'next'), file);
      await vi.waitFor(() => expect(lines.at(-1)).toContain(field), 5_000);
      expect(lines).toHaveLength(round + 1);
    }
  });

  it('hold whoever a change leaves alone, and nobody else', async () => {
    const lee = { ...ENTRY, token: 'lee', id: 'lee' };
    const { file, save } = await givenFile([ENTRY, lee]);
    const tokens = await givenTokens({ file });
    const [dana, other] = [
      await tokens.authenticate(`Bearer ${SECRET}`),
      await tokens.authenticate('Bearer lee'),
    ];
    if (dana === null || other === null) throw new Error('not let in');
    const changes: string[] = [];
    const off = tokens.onChange(() => changes.push('changed'));
    await save([{ ...lee, roles: ['viewer'] }, ENTRY]);
    await vi.waitFor(() => expect(changes).toEqual(['changed']), 5_000);
    expect([tokens.holds(dana), tokens.holds(other)]).toEqual([true, false]);
    off();
    await save([]);
    await vi.waitFor(() => expect(tokens.holds(dana)).toBe(false), 5_000);
    expect(changes).toEqual(['changed']);
  });

  it.each([{ ...ENTRY, kind: 'robot' }, 'gone'])(
    'of a file that can’t be used at start let nobody start: %j',
    async (entry) => {
      const { file } = await givenFile([entry]);
      if (entry === 'gone') await unlink(file);
      await expect(givenTokens({ file })).rejects.toThrow(
        /The tokens file \S+tokens.json can't be used: .*(entry 0 kind|can't be read \(ENOENT\))/,
      );
    },
  );
});

describe('without a tokens file', () => {
  it('one fresh token per role lets people in from this machine', async () => {
    const tokens = await givenTokens({});
    expect(tokens.fresh.map(({ principal: { id, kind, roles } }) => [id, kind, roles])).toEqual([
      ['local-viewer', 'PERSON', ['VIEWER']],
      ['local-recorder', 'SERVICE', ['VIEWER', 'RECORDER']],
      ['local-reviewer', 'PERSON', ['VIEWER', 'REVIEWER']],
      ['local-admin', 'PERSON', ['VIEWER', 'REVIEWER', 'ADMIN']],
      ['local-auditor', 'PERSON', ['VIEWER', 'AUDITOR']],
    ]);
    for (const { token, principal } of tokens.fresh)
      expect(await tokens.authenticate(`Bearer ${token}`)).toBe(principal);
    expect(new Set(tokens.fresh.map(({ token }) => token)).size).toBe(5);
    expect((await givenTokens({ host: '::1' })).fresh).toHaveLength(5);
    expect((await givenTokens({ host: 'localhost' })).fresh).toHaveLength(5);
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', '127.example.com'])(
    'nothing is served to other machines: %s',
    async (host) => {
      await expect(givenTokens({ host })).rejects.toThrow(
        /set TIERKEEPER_TOKENS_FILE or TIERKEEPER_JWKS_URL, or HOST to 127.0.0.1/,
      );
    },
  );
});
