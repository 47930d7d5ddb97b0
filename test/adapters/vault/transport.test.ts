import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import { givenVault } from '../../support/fake-vault/given-vault.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { givenAdapter, opened, vaultErrorOf } from './given-adapter.ts';

const TLS = join(import.meta.dirname, '../../fixtures/tls');
const CERTIFICATE = join(TLS, 'certificate.pem');
const tls = { cert: readFileSync(CERTIFICATE, 'utf8'), key: readFileSync(join(TLS, 'key.pem'), 'utf8') };
const clock = { now: () => 0 };

async function givenTlsVault(caFile: string | null) {
  const vault = await givenVault({ tls });
  const auth = { kind: 'TOKEN', token: vault.rootToken } as const;
  return { vault, adapter: opened({ address: vault.address, auth, namespace: null, caFile }, { clock }) };
}

/** A server of somebody else on a free port; what it was asked. */
async function givenStranger() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.headers)}`);
    response.end('{"data":{}}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('over TLS', () => {
  it('a Vault is trusted by the certificates that VAULT_CACERT names', async () => {
    const { adapter } = await givenTlsVault(CERTIFICATE);
    await adapter.grant('eve', { tier: 'T1', position: 1 });
    expect(await adapter.entity('eve')).toMatchObject({ tier: 'T1' });
  });

  it.each(['VAULT_SKIP_VERIFY', 'NODE_TLS_REJECT_UNAUTHORIZED'])(
    'no other one is, and %s changes nothing about that',
    async (variable) => {
      vi.stubEnv(variable, variable.startsWith('NODE') ? '0' : '1');
      onTestFinished(() => void vi.unstubAllEnvs());
      const { vault, adapter } = await givenTlsVault(null);
      const { kind, message } = await vaultErrorOf(adapter.agents());
      expect([kind, message]).toEqual([
        'UNREACHABLE',
        expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
      ]);
      expect(vault.seen).toEqual([]);
    },
  );

  it('a file that holds no certificates is refused, and so is none', async () => {
    const file = join(tempFolder(), 'ca.pem');
    await expect(givenTlsVault(file)).rejects.toThrow("can't be read (ENOENT)");
    writeFileSync(file, 'nothing');
    await expect(givenTlsVault(file)).rejects.toThrow('holds no certificates in PEM');
  });
});

describe('a token', () => {
  it('follows no redirect', async () => {
    const { vault, adapter } = await givenAdapter();
    const stranger = await givenStranger();
    await adapter.agents();
    vault.answersWith(307, '', { location: `${stranger.address}/v1/identity/entity/name` });
    expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: 'REDIRECTED' });
    expect(stranger.asked).toEqual([]);
  });

  it('goes through no proxy, to no address of the environment, and is printed by no debugging', async () => {
    const stranger = await givenStranger();
    for (const variable of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'VAULT_ADDR'])
      vi.stubEnv(variable, stranger.address);
    for (const [name, value] of Object.entries({
      NO_PROXY: '',
      VAULT_PREFIX: '/x',
      VAULT_TOKEN: 'other',
      DEBUG: '*',
    }))
      vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const printed = vi.spyOn(process.stderr, 'write');
    const { vault, adapter } = await givenAdapter();
    await adapter.grant('eve', { tier: 'T1', position: 1 });
    expect(stranger.asked).toEqual([]);
    expect(vault.seen.some(({ token }) => token === 'other')).toBe(false);
    expect(printed.mock.calls.flat().join('')).not.toMatch(/node-vault|follow-redirects/);
  });

  it('is blanked where Vault repeats it in its errors', async () => {
    const { vault, adapter, auth } = await givenAdapter();
    await adapter.agents();
    const token = vault.seen.at(-1)?.token ?? '';
    expect(token).not.toBe('');
    vault.answersWith(500, JSON.stringify({ errors: [`no ${token} please\n\u001b[31m`] }));
    const { message } = await vaultErrorOf(adapter.agents());
    expect(message).toContain('no … please');
    expect(message).not.toContain(token);
    vault.state().tokens.clear();
    vault.answersWith(400, JSON.stringify({ errors: [`${auth.roleId} ${auth.secretId}`] }));
    expect((await vaultErrorOf(adapter.agents())).message).not.toContain(auth.secretId);
    const [head, tail] = [auth.secretId.slice(0, 9), auth.secretId.slice(9)];
    vault.answersWith(400, JSON.stringify({ errors: [`${head}\u0000${tail}`] }));
    expect((await vaultErrorOf(adapter.agents())).message).not.toContain(tail);
  });
});

describe('whatever answers in the place of Vault', () => {
  const answer = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ data: fc.anything(), errors: fc.anything(), auth: fc.anything() })
      .map((each) => JSON.stringify(each)),
    fc
      .record({
        name: fc.constant('agent-eve'),
        policies: fc.anything(),
        metadata: fc.anything(),
        disabled: fc.anything(),
      })
      .map((data) => JSON.stringify({ data })),
  );
  const status = fc.constantFrom(200, 204, 404, 400, 403, 405, 418, 429, 500, 502, 503, 302);

  it('comes to an answer or to a VaultError, and has nothing asked elsewhere', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    await fc.assert(
      fc.asyncProperty(status, answer, async (code, text) => {
        vault.answersWith(code, text);
        for (const call of [
          () => adapter.entity('eve'),
          () => adapter.agents(),
          () => adapter.grant('eve', { tier: 'T4', position: 1 }),
          () => adapter.destroySecretIds('eve'),
        ])
          await call().catch((error: unknown) => expect(error).toBeInstanceOf(VaultError));
      }),
      { numRuns: 40 },
    );
    const paths = new Set(vault.seen.map(({ path }) => path));
    for (const path of paths)
      expect(path).toMatch(
        /^(auth\/tierkeeper\/(login|role\/(agent-eve|server)(\/.*)?)|auth\/token\/.*-self|identity\/entity\/name\/(agent-eve)?|sys\/(auth\/tierkeeper|policies\/acl\/tierkeeper-server))$/,
      );
  });

  it('can not answer without end, and at length only where it is asked for a list', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    const long = (length: number) => JSON.stringify({ data: {}, errors: ['x '.repeat(length / 2)] });
    const refused: readonly (readonly [number, number, () => Promise<unknown>])[] = [
      [200, 9_000_000, () => adapter.agents()],
      [200, 300_000, () => adapter.entity('eve')],
      [200, 300_000, () => adapter.lower('eve', { tier: 'T0', position: 1 })],
      [400, 100_000, () => adapter.agents()],
    ];
    for (const [status, length, call] of refused) {
      vault.answersWith(status, long(length));
      expect((await vaultErrorOf(call())).message).toContain('its answer does not end');
    }
    vault.answersWith(200, long(1_000_000));
    expect(await adapter.agents()).toEqual([]);
  });

  it('can not have everything wait while an answer is taken apart that is made for that', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    const deep = (depth: number) => `{"data":{"more":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    vault.answersWith(200, deep(150_000));
    expect((await vaultErrorOf(adapter.agents())).message).toContain('its answer is made of too much');
    vault.answersWith(200, deep(50_000));
    expect(await adapter.agents()).toEqual([]);
  });

  it('can not change to another protocol, which would never come to an end', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.agents();
    vault.answersWith(101, '', { connection: 'upgrade', upgrade: 'websocket' });
    expect(await vaultErrorOf(adapter.agents())).toMatchObject({ kind: 'NOT_VAULT', retryable: true });
  });

  it('is not believed that it has nothing because it tells nothing', async () => {
    const { vault, adapter } = await givenAdapter();
    await adapter.grant('eve', { tier: 'T1', position: 1 });
    vault.answersWith(204, '');
    for (const call of [() => adapter.entity('eve'), () => adapter.agents()])
      expect(await vaultErrorOf(call())).toMatchObject({ kind: 'NOT_VAULT' });
  });
});
