import { serverAudits } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { givenServer, TOKEN } from './given-server.ts';

interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

describe('GraphQL over HTTP', () => {
  it('passes every audit in production with the token of an admin and nothing else', async () => {
    const { url } = await givenServer({ production: true });
    const headers = { authorization: `Bearer ${TOKEN.admin}` };
    const audits = serverAudits({
      url,
      fetchFn: (input: string, init: Init = {}) =>
        fetch(input, { ...init, headers: { ...init.headers, ...headers } }),
    });
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([]);
    expect(results).toHaveLength(61);
  });
});
