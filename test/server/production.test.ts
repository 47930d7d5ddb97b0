// What graphql-cop looks for, and what graphql-http demands, of one server in production with its defaults.
import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { givenProduction, TOKENS, type GivenProduction } from '../support/given-production.ts';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Found {
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly { readonly extensions: Readonly<Record<string, unknown>> }[];
  readonly extensions: Readonly<Record<string, unknown>>;
}

type Answer = { readonly [Key in 'data' | 'errors' | 'extensions']?: Found[Key] | null };

const TYPENAME = 'query cop { __typename }';
const asked = (query: string): Sent => ({ body: { query, operationName: 'cop' } });
const byUrl = (query: string): Sent => ({
  method: 'GET',
  path: `?query=${encodeURIComponent(query)}`,
  headers: {},
});
const form = 'application/x-www-form-urlencoded';
const CIRCLE = 'fields { type { '.repeat(8) + 'name' + ' } }'.repeat(8);

/** Each check: what is sent, and whether what came back is what an attacker hopes for. */
const CHECKS: Readonly<Record<string, readonly [Sent, (found: Found) => boolean]>> = {
  'alias overloading': [
    asked(`query cop { ${Array.from({ length: 101 }, (_, n) => `alias${n}: __typename`).join(' ')} }`),
    ({ data }) => 'alias100' in data,
  ],
  'array-based batching': [
    { body: Array.from({ length: 10 }, () => ({ query: TYPENAME })) },
    ({ text }) => text.split('"__typename"').length > 2,
  ],
  'directive overloading': [
    asked(`query cop { __typename ${'@aa'.repeat(10)} }`),
    ({ errors }) => errors.length >= 10,
  ],
  'field overloading': [
    asked(`query cop { ${'__typename \n'.repeat(500)} }`),
    ({ data }) => '__typename' in data,
  ],
  'circular introspection': [
    asked(`query cop { __schema { types { ${CIRCLE} } } }`),
    ({ data }) => '__schema' in data,
  ],
  introspection: [
    asked('query cop { __schema { types { name fields { name } } } }'),
    ({ data }) => '__schema' in data,
  ],
  'field suggestions': [asked('query cop { viewe }'), ({ text }) => /did you mean/i.test(text)],
  GraphiQL: [
    { method: 'GET', headers: { accept: 'text/html' } },
    ({ text }) => /graphiql|playground|<html/i.test(text),
  ],
  'trace mode': [
    asked(TYPENAME),
    ({ text, extensions }) => 'tracing' in extensions || /stacktrace|exception/i.test(text),
  ],
  'GET mutation': [byUrl('mutation cop { __typename }'), ({ data }) => '__typename' in data],
  'url-encoded POST': [
    { body: `query=${encodeURIComponent(TYPENAME)}`, headers: { 'content-type': form } },
    ({ data }) => '__typename' in data,
  ],
  'unhandled errors': [
    asked('qwerty cop { abc }'),
    ({ errors, text }) => errors.length === 0 || /exception|stack/i.test(text),
  ],
};

async function send({ url }: GivenProduction, sent: Sent, token: string): Promise<Found> {
  const { method = 'POST', path = '', body, headers } = sent;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const { data, errors, extensions } = text.startsWith('{') ? (JSON.parse(text) as Answer) : ({} as Answer);
  return { text, data: data ?? {}, errors: errors ?? [], extensions: extensions ?? {} };
}

describe('a server in production', () => {
  it('gives an agent nothing of what an attacker looks for, and an admin every audit of GraphQL over HTTP', async () => {
    const given = await givenProduction();
    const found: string[] = [];
    for (const [name, [sent, isFound]] of Object.entries(CHECKS))
      if (isFound(await send(given, sent, TOKENS.agent))) found.push(name);
    expect(found).toEqual([]);
    expect(Object.keys(CHECKS)).toHaveLength(12);
    const own = { authorization: `Bearer ${TOKENS.admin}` };
    const audits = serverAudits({
      url: given.url,
      fetchFn: (input: string, init: Sent & { readonly body?: string } = {}) =>
        fetch(input, { ...init, headers: { ...init.headers, ...own } }),
    });
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([]);
    expect(results).toHaveLength(61);
  });

  it('answers an agent what it may ask, so that the checks can fail', async () => {
    const given = await givenProduction();
    expect((await send(given, asked(TYPENAME), TOKENS.agent)).data).toEqual({ __typename: 'Query' });
    const introspection = CHECKS.introspection?.[0] ?? {};
    expect((await send(given, introspection, TOKENS.admin)).data).toHaveProperty('__schema');
    expect((await send(given, byUrl(TYPENAME), TOKENS.agent)).data).toEqual({ __typename: 'Query' });
  });
});
