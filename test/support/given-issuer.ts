import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { onTestFinished } from 'vitest';
import type { JwtConfig } from '../../src/config/jwt.ts';

/** A key pair of an issuer. */
export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** How a token differs from a good one: claims that are undefined are left out. */
export interface Signed {
  readonly claims?: JWTPayload;
  readonly key?: SigningKey;
}

/** Makes a key pair. */
export async function givenKey(kid = 'k1', alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), alg, kid, use: 'sig' } };
}

/** Somebody who issues tokens and publishes keys, on a free port, and may answer otherwise; gone when the test ends. */
export async function givenIssuer() {
  const first = await givenKey();
  let keys: readonly SigningKey[] = [first];
  let asked = 0;
  const publish = (response: ServerResponse) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
  let answer: (response: ServerResponse) => void = publish;
  const server = createServer((_request, response) => {
    asked += 1;
    answer(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await once(server.close(), 'close');
  };
  onTestFinished(stop);
  const config: JwtConfig = {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    issuer: 'https://issuer.example',
    audience: 'tierkeeper',
    rolesClaim: 'roles',
    kindClaim: 'kind',
    agentsClaim: 'agents',
  };
  return {
    config,
    key: first,
    /** How often keys were asked for. */
    asked: () => asked,
    /** Publishes these keys from now on. */
    publishes: (...now: readonly SigningKey[]) => {
      keys = now;
    },
    /** Answers otherwise from now on; without an argument, as it should. */
    answers: (otherwise: (response: ServerResponse) => void = publish) => {
      answer = otherwise;
    },
    token: (signed: Signed = {}) => tokenOf(config, signed.key ?? first, signed.claims),
    stop,
  };
}

/** An issuer under test. */
export type GivenIssuer = Awaited<ReturnType<typeof givenIssuer>>;

function tokenOf({ issuer, audience }: JwtConfig, key: SigningKey, claims: JWTPayload = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const standard = { iss: issuer, aud: audience, sub: 'jo', roles: ['viewer'], kind: 'person' };
  const payload = { ...standard, iat: now, exp: now + 3_600, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);
}
