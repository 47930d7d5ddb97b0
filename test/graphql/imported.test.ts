import { expect, test } from 'vitest';
import { openOriginalLedger } from '../../src/adapters/original-ledger/open-original-ledger.ts';
import { importLedger } from '../../src/app/import-ledger/import-ledger.ts';
import { givenEngine } from '../support/given-engine.ts';
import { givenFixtureLedger, givenOriginalLedger } from '../support/given-original-ledger.ts';
import { ANN } from '../support/given-principal.ts';
import { CLEAN, OPERATOR } from '../app/import-ledger/given-import.ts';
import { ask } from './ask.ts';
import { everythingOf, objectType } from './everything-of.ts';
import { givenStory } from './given-story.ts';

async function givenImported(path: string) {
  const given = await givenEngine({ unsound: true });
  await importLedger(given.app, { ledger: openOriginalLedger(path), actor: OPERATOR, dryRun: false });
  return given;
}

test('an imported promotion shows who approved it and why, like any other', async () => {
  const { engine } = await givenImported(givenOriginalLedger(CLEAN));
  const answer = await ask(
    engine,
    ANN,
    `{ promotionHistory(filter: { types: [AGENT_PROMOTED] }) { nodes { ... on AgentPromotedEntry { toTier rationale
      candidacy { id } evaluation { status } approvals { principal { id kind } role rationale at } } } } }`,
  );
  expect(answer.codes).toEqual([]);
  const vote = (id: string, rationale: string | null) => ({
    principal: { id, kind: 'PERSON' },
    role: 'REVIEWER',
    rationale,
    at: expect.any(String) as string,
  });
  const rest = { candidacy: null, evaluation: null };
  expect(answer.all('promotionHistory.nodes')).toEqual([
    { ...rest, toTier: 'T2', rationale: 'well done', approvals: [vote('dana', 'well done')] },
    { ...rest, toTier: 'T1', rationale: null, approvals: [vote('lee', null)] },
  ]);
});

test.each([
  ['an imported ledger', () => givenImported(givenFixtureLedger())],
  ['a ledger with entries of every kind', givenStory],
])('every field of %s has an answer', async (_, arrange) => {
  const { engine } = await arrange();
  const { schema } = engine;
  const list = everythingOf(schema, objectType(schema, 'LedgerConnection'), 2);
  for (let after: string | null = null; ;) {
    const query = `query ($after: String) { ledger(first: 100, after: $after) ${list} }`;
    const page = await ask(engine, ANN, query, { after });
    expect(page.codes).toEqual([]);
    if (page.one('ledger.pageInfo.hasNextPage') !== true) break;
    after = page.text('ledger.pageInfo.endCursor');
  }
  const agents = everythingOf(schema, objectType(schema, 'AgentConnection'), 3);
  expect((await ask(engine, ANN, `{ agents(first: 5) ${agents} }`)).codes).toEqual([]);
});
