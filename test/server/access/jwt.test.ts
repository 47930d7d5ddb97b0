import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { randomIds } from '../../../src/adapters/system/ids.ts';
import { createLog } from '../../../src/adapters/system/log.ts';
import type { Clock } from '../../../src/app/ports/world.ts';
import type { JwtConfig } from '../../../src/config/jwt.ts';
import { openTokens } from '../../../src/server/access/tokens.ts';
import { givenIssuer, givenKey, type GivenIssuer } from '../../support/given-issuer.ts';
import { ask } from '../ask.ts';
import { givenServer, subscribed, TOKEN } from '../given-server.ts';
import { givenConnection, givenSocket } from '../websocket/given-socket.ts';
import { givenStream } from '../given-stream.ts';

const CANARY = 'c4nary-value';

async function givenTokens(
  { config }: GivenIssuer,
  more: Partial<JwtConfig> = {},
  clock: Clock = systemClock,
) {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  const jwt = { ...config, ...more };
  const tokens = await openTokens({ file: null, jwt, host: '0.0.0.0', clock, ids: randomIds, log });
  onTestFinished(() => tokens.close());
  const principal = (token: string) => tokens.authenticate(`Bearer ${token}`);
  return { ...tokens, principal, lines };
}

/** `{"alg":"HS256"}` over the issuer's public key as the secret: the confusion that asymmetric algorithms alone prevent. */
async function signedWithPublicKey(issuer: GivenIssuer): Promise<string> {
  const [, payload = ''] = (await issuer.token()).split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: issuer.key.kid })).toString('base64url');
  const mac = createHmac('sha256', JSON.stringify(issuer.key.jwk)).update(`${header}.${payload}`);
  return `${header}.${payload}.${mac.digest('base64url')}`;
}

describe('a JSON Web Token', () => {
  it('lets in whom its claims name, until it expires', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const exp = Math.floor(Date.now() / 1000) + 60;
    const claims = {
      sub: 'bot',
      kind: undefined,
      roles: ['viewer', 'recorder', 'viewer'],
      agents: ['pay-*'],
      exp,
    };
    expect(await tokens.principal(await issuer.token({ claims }))).toEqual({
      id: 'bot',
      kind: 'SERVICE',
      roles: ['VIEWER', 'RECORDER'],
      agents: ['pay-*'],
      expiresAt: exp * 1000,
    });
    expect(await tokens.principal(await issuer.token())).toMatchObject({ kind: 'PERSON', agents: null });
    expect(tokens.fresh).toEqual([]);
  });

  it('may say so in claims of any name, and roles as one text', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer, {
      rolesClaim: 'https://tk.example/roles',
      kindClaim: 'tk.kind',
      agentsClaim: 'tk.agents',
    });
    const claims = {
      'https://tk.example/roles': 'reviewer openid viewer',
      roles: ['admin'],
      tk: { kind: 'person', agents: ['a'] },
    };
    expect(await tokens.principal(await issuer.token({ claims }))).toMatchObject({
      kind: 'PERSON',
      roles: ['REVIEWER', 'VIEWER'],
      agents: ['a'],
    });
  });

  it('gives no role that is not known, and says so in the log', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const roles = ['viewer', 'ADMIN', 'root', '__proto__', 'constructor', 7, null];
    expect(await tokens.principal(await issuer.token({ claims: { roles } }))).toMatchObject({
      roles: ['VIEWER'],
    });
    expect(tokens.lines.join('')).toContain('"unknownRoles":["ADMIN","root","__proto__","constructor"]');
  });

  it.each([
    ['a text', 'pay-*'],
    ['null', null],
    ['a list with something else', ['pay-*', 7]],
    ['a pattern that is none', ['pay-*', '*-pay']],
    ['an object', { 0: '*', length: 1 }],
  ])('whose patterns are %s sees nothing', async (_what, agents) => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    expect(await tokens.principal(await issuer.token({ claims: { agents } }))).toMatchObject({ agents: [] });
  });

  it.each<[string, Record<string, unknown>]>([
    ['of another issuer', { iss: CANARY }],
    ['of no issuer', { iss: undefined }],
    ['for somebody else', { aud: [CANARY] }],
    ['for nobody', { aud: undefined }],
    ['that has expired', { exp: 1 }],
    ['that never expires', { exp: undefined }],
    ['that expires at no time', { exp: CANARY }],
    ['that expires beyond all time', { exp: 1e300 }],
    ['that expires after the year 9999', { exp: 253_402_300_800 }],
    ['that is not valid yet', { nbf: 4_000_000_000 }],
    ['of nobody', { sub: undefined }],
    ['of an empty name', { sub: '' }],
    ['of a name with spaces', { sub: `${CANARY} x` }],
    ['of a number', { sub: 7 }],
    ['of the system', { sub: 'system:clock' }],
    ['of an operator', { sub: `operator:${CANARY}` }],
    ['of an agent that is none', { kind: 'agent', sub: '*' }],
    ['of an unknown kind', { kind: CANARY }],
    ['of the kind of Tierkeeper itself', { kind: 'system' }],
    ['of an inherited kind', { kind: 'constructor' }],
    ['of no kind', { kind: null }],
    ['without a role', { roles: undefined }],
    ['without a known role', { roles: [CANARY] }],
  ])('%s lets nobody in, and leaves nothing in the log', async (_what, claims) => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const token = await issuer.token({ claims });
    expect(await tokens.principal(token)).toBeNull();
    expect(tokens.lines.join('')).toContain('a token lets nobody in');
    expect(tokens.lines.join('').replaceAll(/"unknownRoles":\[[^\]]*\]/g, '')).not.toContain(CANARY);
    expect(tokens.lines.join('')).not.toContain(token);
  });

  it('counts only with a good signature of a key that is published, by an algorithm that has one', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const good = await issuer.token();
    const [header = '', payload = ''] = good.split('.');
    const [, otherPayload = ''] = (await issuer.token({ claims: { roles: ['admin'] } })).split('.');
    const claims = { iss: issuer.config.issuer, aud: issuer.config.audience, sub: 'jo', roles: ['admin'] };
    const wrong = [
      `${header}.${otherPayload}.${good.split('.')[2] ?? ''}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      new UnsecuredJWT({ ...claims, exp: 4_000_000_000 }).encode(),
      await signedWithPublicKey(issuer),
      await new SignJWT({ ...claims, exp: 4_000_000_000 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(new TextEncoder().encode(CANARY)),
      await issuer.token({ key: await givenKey() }),
      await issuer.token({ key: await givenKey('unheard of') }),
      'a.b.c',
      '..',
    ];
    for (const token of wrong) expect(await tokens.principal(token), token).toBeNull();
    expect(await tokens.principal(good)).not.toBeNull();
  });

  it('counts for nothing with a published key that is too weak', async () => {
    const issuer = await givenIssuer();
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'weak' };
    issuer.publishes(issuer.key, { ...issuer.key, jwk });
    const tokens = await givenTokens(issuer);
    const [, payload = '', signature = ''] = (await issuer.token()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'weak' })).toString('base64url');
    expect(await tokens.principal(`${header}.${payload}.${signature}`)).toBeNull();
    expect(await tokens.principal(await issuer.token())).not.toBeNull();
  });

  it.each(['RS256', 'PS256', 'ES384', 'Ed25519'])('may be signed by %s', async (alg) => {
    const issuer = await givenIssuer();
    const key = await givenKey('other', alg);
    issuer.publishes(key);
    const tokens = await givenTokens(issuer);
    expect(await tokens.principal(await issuer.token({ key }))).toMatchObject({ id: 'jo' });
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once for many tokens, and not again for each that names no key of them', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const token = await issuer.token();
    const found = await Promise.all(Array.from({ length: 20 }, () => tokens.principal(token)));
    expect(found.filter((principal) => principal === null)).toEqual([]);
    const strange = await issuer.token({ key: await givenKey('unheard of') });
    for (let n = 0; n < 20; n++) expect(await tokens.principal(strange)).toBeNull();
    expect(issuer.asked()).toBe(1);
  });

  it.each<[string, (issuer: GivenIssuer) => void | Promise<void>]>([
    ['are not answered', (issuer) => issuer.stop()],
    ['are an error', (issuer) => issuer.answers((response) => response.writeHead(500).end(CANARY))],
    [
      'are elsewhere',
      (issuer) => issuer.answers((response) => response.writeHead(302, { location: '/' }).end()),
    ],
    ['are no JSON', (issuer) => issuer.answers((response) => response.end(CANARY))],
    ['are no keys', (issuer) => issuer.answers((response) => response.end(`{"keys":"${CANARY}"}`))],
    ['break off', (issuer) => issuer.answers((response) => response.write('{') && response.destroy())],
  ])(
    'that %s let nobody in, over HTTP, WebSocket and SSE, and that may be tried again',
    async (_what, fail) => {
      const issuer = await givenIssuer();
      const token = await issuer.token();
      await fail(issuer);
      const given = await givenServer({ jwt: issuer.config });
      const { status, code, errors, headers } = await ask(given, '{ me }', { token });
      expect([status, code, headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '1']);
      expect(errors?.[0]?.extensions).toMatchObject({ retryable: true });
      expect((await givenStream(given, token, 'subscription { waits }')).status).toBe(503);
      const socket = await givenSocket(given);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      expect((await socket.closed()).code).toBe(1013);
      expect(
        (await fetch(given.at('/metrics'), { headers: { authorization: `Bearer ${token}` } })).status,
      ).toBe(503);
      expect((await ask(given, '{ me }', { token: TOKEN.viewer })).data).toEqual({ me: 'val' });
      expect(given.operations.map(({ principal }) => principal.id)).toEqual(['val']);
      expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|keys"|canary/);
    },
  );

  it('let in again once they can be fetched', async () => {
    const issuer = await givenIssuer();
    issuer.answers((response) => response.writeHead(500).end());
    const given = await givenServer({ jwt: issuer.config });
    const token = await issuer.token();
    expect((await ask(given, '{ me }', { token })).status).toBe(503);
    issuer.answers();
    await vi.waitFor(
      async () => expect((await ask(given, '{ me }', { token })).data).toEqual({ me: 'jo' }),
      5_000,
    );
  });

  it('let in by those that are kept while they can’t be fetched again', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const token = await issuer.token();
    expect(await tokens.principal(token)).not.toBeNull();
    issuer.answers((response) => response.writeHead(500).end());
    process.kill(process.pid, 'SIGHUP');
    await vi.waitFor(() => expect(tokens.lines.join('')).toContain('could not be fetched'), 5_000);
    expect(await tokens.principal(token)).not.toBeNull();
  });

  it('let in on SIGHUP by a new one, and no more by one that was withdrawn', async () => {
    const issuer = await givenIssuer();
    const tokens = await givenTokens(issuer);
    const before = await tokens.principal(await issuer.token());
    const key = await givenKey('k2');
    issuer.publishes(key);
    process.kill(process.pid, 'SIGHUP');
    await vi.waitFor(
      async () => expect(await tokens.principal(await issuer.token({ key }))).not.toBeNull(),
      5_000,
    );
    expect(await tokens.principal(await issuer.token())).toBeNull();
    expect(before !== null && tokens.holds(before)).toBe(false);
  });
});

describe('a principal of a JSON Web Token', () => {
  it('is the same over HTTP, WebSocket and SSE, beside those of the tokens file', async () => {
    const issuer = await givenIssuer();
    const given = await givenServer({ jwt: issuer.config });
    const token = await issuer.token();
    expect((await ask(given, '{ me }', { token })).data).toEqual({ me: 'jo' });
    const socket = await givenConnection(given, token);
    socket.subscribe('subscription { waits }');
    await givenStream(given, token, 'subscription { waits }');
    await subscribed(given, 2);
    expect((await ask(given, '{ me }')).data).toEqual({ me: 'val' });
    expect(new Set(given.operations.map(({ principal }) => principal.id))).toEqual(new Set(['jo', 'val']));
  });

  it('loses its socket with 4403 and its stream the moment the token expires', async () => {
    const issuer = await givenIssuer();
    const given = await givenServer({ jwt: issuer.config });
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = await issuer.token({ claims: { exp } });
    const socket = await givenConnection(given, token);
    socket.subscribe('subscription { waits }');
    const stream = await givenStream(given, token, 'subscription { waits }');
    await subscribed(given, 2);
    expect(await socket.closed()).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(await stream.closed()).toBe('cut off');
    expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000);
    expect((await ask(given, '{ me }', { token })).status).toBe(401);
  });

  it('loses its socket with 4403 and its stream once its key is withdrawn, and nobody else does', async () => {
    const issuer = await givenIssuer();
    const other = await givenKey('k2');
    issuer.publishes(issuer.key, other);
    const given = await givenServer({ jwt: issuer.config });
    const token = await issuer.token();
    const socket = await givenConnection(given, token);
    const stays = [
      await givenConnection(given, TOKEN.viewer),
      await givenConnection(given, await issuer.token({ key: other })),
    ];
    const stream = await givenStream(given, token, 'subscription { waits }');
    await subscribed(given, 1);
    issuer.publishes(other);
    process.kill(process.pid, 'SIGHUP');
    expect((await socket.closed()).code).toBe(4403);
    expect(await stream.closed()).toBe('cut off');
    for (const one of stays) one.subscribe('subscription { waits }');
    await subscribed(given, 2);
  });
});
