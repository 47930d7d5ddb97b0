import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';
import { tierkeeper } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

describe('vault policies', () => {
  it('prints every policy, or one to begin a file with, and needs no Vault', async () => {
    const { stdout, code } = await tierkeeper(['vault', 'policies'], {});
    expect(code).toBe(0);
    expect(stdout.match(/^# \S+$/gm)).toEqual([
      ...[0, 1, 2, 3, 4].map((level) => `# tierkeeper-tier-${level}`),
      '# tierkeeper-agent-base',
      '# tierkeeper-server',
      '# tierkeeper-provisioner',
    ]);
    const one = await piped(['vault', 'policies', 'tierkeeper-tier-0'], {});
    expect(one.stdout).toMatch(/^path "secret\/data\/observe\/\*" \{\n {2}capabilities = \["read"\]\n\}\n/);
    expect((await piped(['vault', 'policies', '--json'], {})).json()).toMatchObject({
      policies: { 'tierkeeper-tier-0': one.stdout },
    });
    const none = await piped(['vault', 'policies', 'root'], {});
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('There is no policy root; there are'),
    ]);
  });

  it("are a team's own where a folder has them, unless they give a tier less than the one below", async () => {
    const folder = join(tempFolder(), 'policies');
    mkdirSync(folder);
    const missing = await piped(['vault', 'policies', '--policies', folder], {});
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringContaining("tier-0.hcl can't be read (ENOENT)"),
    ]);
    for (const level of [0, 1, 2, 3, 4]) {
      const { stdout } = await piped(['vault', 'policies', `tierkeeper-tier-${level}`], {});
      writeFileSync(
        join(folder, `tier-${level}.hcl`),
        `# ours\n${stdout}\npath "aws/creds/x" { capabilities = ["read"] }`,
      );
    }
    const own = await piped(['vault', 'policies', 'tierkeeper-tier-3'], {
      TIERKEEPER_VAULT_POLICIES: folder,
    });
    expect(own.stdout).toContain('path "aws/creds/x"');
    writeFileSync(join(folder, 'tier-4.hcl'), readFileSync(join(folder, 'tier-1.hcl')));
    const less = await piped(['vault', 'policies', '--policies', folder, '--json'], {});
    expect(less.code).toBe(2);
    expect(less.json()).toMatchObject({
      error: {
        code: 'VAULT_POLICY',
        message: expect.stringMatching(/T4 must allow what T3 allows, but/) as string,
      },
    });
  });
});

describe("a team's own tier policies", () => {
  const givenFolder = async () => {
    const folder = tempFolder();
    const { json } = await piped(['vault', 'policies', '--json'], {});
    const { policies } = json() as { policies: Readonly<Record<string, string>> };
    const file = (level: number) => join(folder, `tier-${level}.hcl`);
    const text = (level: number) => policies[`tierkeeper-tier-${level}`] ?? '';
    for (const level of [0, 1, 2, 3, 4]) writeFileSync(file(level), text(level));
    const print = (...args: string[]) => piped(['vault', 'policies', '--policies', folder, ...args], {});
    return { folder, file, text, print };
  };

  it.each<[string, (file: string, text: string) => void, string]>([
    [
      'is missing',
      (file) => rmSync(file),
      "can't be read (ENOENT). The folder needs tier-0.hcl to tier-4.hcl",
    ],
    [
      'is a folder',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      "can't be read (EISDIR)",
    ],
    [
      'leads to itself',
      (file) => {
        rmSync(file);
        symlinkSync(file, file);
      },
      "can't be read (ELOOP)",
    ],
    [
      'is UTF-16',
      (file, text) => writeFileSync(file, `\ufeff${text}`, 'utf16le'),
      'it is UTF-16; save it as UTF-8',
    ],
    [
      'is Latin-1',
      (file, text) => writeFileSync(file, `# ä\n${text}`, 'latin1'),
      'it is not UTF-8 text: see line 1',
    ],
    ['is huge', (file, text) => writeFileSync(file, text.padEnd(1_048_576)), 'it is larger than 64 KiB'],
    [
      'never ends',
      (file) => {
        rmSync(file);
        symlinkSync('/dev/zero', file);
      },
      'it is larger than 64 KiB',
    ],
    [
      'ends early',
      (file, text) => writeFileSync(file, `${text}path "a" {`),
      'line 16, at its end: a name is expected',
    ],
    ['is empty', (file) => writeFileSync(file, ''), 'T2 must allow what T1 allows, but no path of it covers'],
    [
      'has sudo',
      (file, text) => writeFileSync(file, `${text}path "a/b" { capabilities = ["sudo"] }`),
      'path "a/b" has sudo',
    ],
  ])('are refused by the name of the file that %s', async (_, spoil, why) => {
    const { file, text, print } = await givenFolder();
    spoil(file(2), text(2));
    const { code, stderr } = await print();
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: \S+tier-2\.hcl can't be /)]);
    expect(stderr).toContain(why);
  });

  it('are taken with the line ends of Windows, a byte order mark, by a link, and beside other files', async () => {
    const { folder, file, text, print } = await givenFolder();
    writeFileSync(file(0), text(0).replaceAll('\n', '\r\n'));
    writeFileSync(file(1), `\ufeff${text(1)}`);
    renameSync(file(2), join(folder, 'shared.hcl'));
    symlinkSync(join(folder, 'shared.hcl'), file(2));
    writeFileSync(join(folder, 'README.md'), 'ours');
    expect((await print('--json')).json()).toMatchObject({
      policies: Object.fromEntries([0, 1, 2].map((level) => [`tierkeeper-tier-${level}`, text(level)])),
    });
  });

  it('are not replaced by the built-in ones because a variable of a script is empty', async () => {
    const { code, stderr } = await piped(['vault', 'setup', '--policies', ''], {});
    expect([code, stderr]).toEqual([2, expect.stringContaining('It must be a folder, and is empty.')]);
  });
});
