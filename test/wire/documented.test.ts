import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import { givenProduction, TOKENS } from '../support/given-production.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => join('docs', name))];
const documents = FILES.filter((name) => name.endsWith('.md')).flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^```graphql\n([^]*?)^```$/gm)].map(
    ([, text = '']) => text,
  ),
);

it('every document of README and docs/ is answered at the default limits', async () => {
  const { url } = await givenProduction();
  expect(documents.length).toBeGreaterThan(0);
  for (const query of documents) {
    const subscribes = getOperationAST(parse(query))?.operation === OperationTypeNode.SUBSCRIPTION;
    const accept = subscribes ? 'text/event-stream' : 'application/graphql-response+json';
    const gone = new AbortController();
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKENS.admin}`, accept },
      body: JSON.stringify({ query }),
      signal: gone.signal,
    });
    expect([query, response.status]).toEqual([query, 200]);
    expect(response.headers.get('content-type')).toContain(accept);
    if (subscribes) gone.abort();
    else expect(await response.json()).not.toHaveProperty('errors');
  }
});
