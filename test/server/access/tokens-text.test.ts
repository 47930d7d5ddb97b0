import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { randomIds } from '../../../src/adapters/system/ids.ts';
import { createLog } from '../../../src/adapters/system/log.ts';
import { openTokens } from '../../../src/server/access/tokens.ts';

const DANA = { token: 's3cret-dana\n', id: 'dana', kind: 'person', roles: ['reviewer'] };
const VAL = { token: ' s3cret-val', id: 'val', kind: 'person', roles: ['viewer'] };

async function givenTokens(bytes: string | Uint8Array) {
  const folder = await mkdtemp(join(tmpdir(), 'tierkeeper-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tokens.json');
  await writeFile(file, bytes);
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const tokens = await openTokens({
    file,
    jwt: null,
    host: '127.0.0.1',
    production: false,
    clock: systemClock,
    ids: randomIds,
    log,
  });
  onTestFinished(() => tokens.close());
  return { tokens, file, lines };
}

it('a token that an editor removed and saved with a byte order mark is revoked on the running server', async () => {
  const { tokens, file } = await givenTokens(JSON.stringify([DANA, VAL]));
  const dana = await tokens.authenticate('Bearer s3cret-dana');
  expect(dana?.id).toBe('dana');
  await writeFile(file, `\ufeff${JSON.stringify([VAL])}\r\n`);
  await vi.waitFor(async () => expect(await tokens.authenticate('Bearer s3cret-dana')).toBeNull());
  expect((await tokens.authenticate('Bearer s3cret-val'))?.id).toBe('val');
});

it('a tokens file that is saved as UTF-16 keeps the old in force, and the log says what to do', async () => {
  const { tokens, file, lines } = await givenTokens(`\ufeff${JSON.stringify([DANA, VAL])}`);
  await writeFile(file, Buffer.from(`\ufeff${JSON.stringify([VAL])}`, 'utf16le'));
  await vi.waitFor(() => expect(lines.join('')).toContain('it is UTF-16; save it as UTF-8'));
  expect((await tokens.authenticate('Bearer s3cret-dana'))?.id).toBe('dana');
});

const STRONG = { ...VAL, token: 'Zm9vYmFyq8Xk2LwP0sTn4VdR7yHc3JbQ' };

async function givenProduction(
  host: string,
  entries: readonly object[],
  weakTokens: 'refuse' | 'warn' | null = null,
) {
  const folder = await mkdtemp(join(tmpdir(), 'tierkeeper-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'tokens.json');
  await writeFile(file, JSON.stringify(entries));
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const world = { clock: systemClock, ids: randomIds, log };
  const opening = openTokens({ file, jwt: null, host, production: true, weakTokens, ...world });
  opening.then((tokens) => onTestFinished(() => tokens.close())).catch(() => undefined);
  return { opening, file, lines };
}

it('a token that could be guessed keeps a production server from starting, named by its id and never shown', async () => {
  const { opening } = await givenProduction('0.0.0.0', [DANA, STRONG]);
  const message = await opening.then(
    () => 'it started',
    (thrown: unknown) => (thrown as Error).message,
  );
  expect(message).toMatch(/the token of dana could be guessed .* tierkeeper token new --id dana/);
  expect(message).not.toContain('s3cret');
});

it('a production server that runs keeps the old tokens where a new file has one that could be guessed', async () => {
  const { opening, file, lines } = await givenProduction('0.0.0.0', [STRONG]);
  const tokens = await opening;
  await writeFile(file, JSON.stringify([DANA, STRONG]));
  await vi.waitFor(() => expect(lines.join('')).toContain('the token of dana could be guessed'));
  expect(await tokens.authenticate('Bearer s3cret-dana')).toBeNull();
  expect((await tokens.authenticate(`Bearer ${STRONG.token}`))?.id).toBe('val');
});

it('where only this machine reaches the server a token that could be guessed is warned of, by its id', async () => {
  const { opening, lines } = await givenProduction('127.0.0.1', [DANA, STRONG]);
  expect((await (await opening).authenticate('Bearer s3cret-dana'))?.id).toBe('dana');
  expect(lines.join('')).toMatch(/"ids":\["dana"\].*could be guessed/);
  expect(lines.join('')).not.toContain('s3cret');
});

it('TIERKEEPER_WEAK_TOKENS decides by itself whether a token that could be guessed is refused', async () => {
  await expect(givenProduction('127.0.0.1', [DANA], 'refuse').then(({ opening }) => opening)).rejects.toThrow(
    'the token of dana could be guessed',
  );
  const { opening } = await givenProduction('0.0.0.0', [DANA], 'warn');
  expect((await (await opening).authenticate('Bearer s3cret-dana'))?.id).toBe('dana');
});

it('a hash says nothing of how strong its token is, so it is taken', async () => {
  const { opening } = await givenProduction('0.0.0.0', [
    { ...VAL, token: undefined, tokenSha256: 'a'.repeat(64) },
  ]);
  await expect(opening).resolves.toBeDefined();
});
