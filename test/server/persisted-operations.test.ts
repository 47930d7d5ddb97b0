import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPersistedOperations } from '../../src/server/persisted-operations.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { givenServer, subscribed, TOKEN } from './given-server.ts';
import { givenConnection } from './websocket/given-socket.ts';
import { TestSchema } from './test-schema.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const fileOf = (content: unknown) => {
  const file = join(tempFolder(), 'operations.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const [ME, WAITS] = ['query Me { me }', 'subscription { waits }'];
const KNOWN = Object.fromEntries([ME, WAITS].map((text) => [sha256(text), text]));
const named = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(text) } });

async function givenPersisted() {
  const operations = await readPersistedOperations(fileOf(KNOWN), new TestSchema().schema);
  const given = await givenServer({ persistedOperations: operations });
  const send = async (body: object, token: string = TOKEN.viewer, accept = 'application/json') => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, accept };
    const response = await fetch(given.url, { method: 'POST', headers, body: JSON.stringify(body) });
    const { data, errors } = (await response.json()) as {
      data?: unknown;
      errors?: { extensions: { code: string } }[];
    };
    return data ?? errors?.map(({ extensions }) => extensions.code);
  };
  return { ...given, send };
}

describe('where operations are persisted', () => {
  it('one is asked for by its hash or its exact text, and anything else is refused', async () => {
    const { send } = await givenPersisted();
    expect(await send({ extensions: named(ME) })).toEqual({ me: 'val' });
    expect(await send({ query: ME })).toEqual({ me: 'val' });
    expect(await send({ query: `${ME} ` })).toEqual(['FORBIDDEN']);
    expect(await send({ query: '{ hello }', extensions: named(ME) })).toEqual(['FORBIDDEN']);
    for (const sha256Hash of [sha256('other'), '__proto__', 'constructor', '', 7, null, [], {}])
      expect(await send({ extensions: { persistedQuery: { sha256Hash } } })).toEqual(['BAD_USER_INPUT']);
    for (const extensions of [{}, { persistedQuery: null }, { persistedQuery: 'x' }, { persistedQuery: {} }])
      expect(await send({ extensions })).toEqual(['BAD_REQUEST']);
  });

  it('one is asked for by GET too', async () => {
    const { url } = await givenPersisted();
    const response = await fetch(`${url}?extensions=${encodeURIComponent(JSON.stringify(named(ME)))}`, {
      headers: { authorization: `Bearer ${TOKEN.viewer}` },
    });
    expect(await response.json()).toEqual({ data: { me: 'val' } });
  });

  it('admins ask what they like', async () => {
    const { send } = await givenPersisted();
    expect(await send({ query: '{ hello }' }, TOKEN.admin)).toEqual({ hello: 'world' });
    expect(await send({ query: '{ hello }' }, TOKEN.auditor)).toEqual(['FORBIDDEN']);
  });

  it('the same holds over WebSocket', async () => {
    const given = await givenPersisted();
    const socket = await givenConnection(given, TOKEN.viewer);
    const subscribe = (id: string, query: string, extensions = {}) =>
      socket.send({ id, type: 'subscribe', payload: { query, extensions } });
    subscribe('a', '', named(WAITS));
    subscribe('b', WAITS);
    await subscribed(given, 2);
    const code = async (id: string) => (await socket.received('error', id)).payload?.[0]?.extensions.code;
    subscribe('c', 'subscription { contexts }');
    expect(await code('c')).toBe('FORBIDDEN');
    subscribe('d', '', named('other'));
    expect(await code('d')).toBe('BAD_USER_INPUT');
    subscribe('e', '', named(ME));
    expect(await code('e')).toBe('BAD_USER_INPUT');
    expect(socket.closing).toBeUndefined();
  });

  it('the same holds over SSE', async () => {
    const { send } = await givenPersisted();
    const refused = (body: object) => send(body, TOKEN.viewer, 'text/event-stream, application/json');
    expect(await refused({ query: 'subscription { contexts }' })).toEqual(['FORBIDDEN']);
    expect(await refused({ extensions: named('other') })).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a file of persisted operations', () => {
  it.each<[unknown, string]>([
    ['{', 'it is not JSON'],
    [[], 'it must be an object'],
    [null, 'it must be an object'],
    [{ me: ME }, '"me" is not 64 hex digits'],
    [{ [sha256(ME).toUpperCase()]: ME }, 'is not 64 hex digits, in small letters'],
    [{ [sha256(ME)]: 7 }, `${sha256(ME)} must be the text of an operation`],
    [{ [sha256(ME)]: WAITS }, `${sha256(ME)} is not the SHA-256 of its text, which is ${sha256(WAITS)}`],
    [{ [sha256('{')]: '{' }, `${sha256('{')}: Syntax Error`],
    [{ [sha256('{ gone }')]: '{ gone }' }, 'Cannot query field "gone"'],
  ])('is refused, by its name, if it says %j', async (content, problem) => {
    const file = fileOf(content);
    const reading = readPersistedOperations(file, new TestSchema().schema);
    await expect(reading).rejects.toThrow(`The persisted operations of ${file} can't be used: `);
    await expect(reading).rejects.toThrow(problem);
  });

  it('that is missing is refused by its name', async () => {
    await expect(readPersistedOperations('/nowhere/o.json', new TestSchema().schema)).rejects.toThrow(
      "The persisted operations of /nowhere/o.json can't be used: it can't be read (ENOENT).",
    );
  });
});
