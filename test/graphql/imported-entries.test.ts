import { assertInterfaceType } from 'graphql';
import { expect, test } from 'vitest';
import { CLEAN, importFile } from '../app/import-ledger/given-import.ts';
import { givenOriginalLedger } from '../support/given-original-ledger.ts';
import { givenEngine } from '../support/given-engine.ts';
import { ANN } from '../support/given-principal.ts';
import { ask } from './ask.ts';
import { everythingOf } from './everything-of.ts';

test('whatever can be asked of the entries of an imported ledger is answered', async () => {
  const { engine, app } = await givenEngine({ unsound: true });
  await importFile(app, givenOriginalLedger(CLEAN));
  const entry = assertInterfaceType(engine.schema.getType('LedgerEntry'));
  const everything = everythingOf(engine.schema, entry, 2);
  const answer = await ask(engine, ANN, `{ ledger(first: 20) { nodes ${everything} } }`);
  expect([answer.codes, answer.messages]).toEqual([[], []]);
  const types = answer.all('ledger.nodes.type');
  for (const type of ['AGENT_IMPORTED', 'AGENT_PROMOTED', 'VIOLATION_REPORTED', 'AGENT_BECAME_ELIGIBLE'])
    expect(types).toContain(type);
});

test('an imported promotion names who approved it, and why', async () => {
  const { engine, app } = await givenEngine({ unsound: true });
  await importFile(app, givenOriginalLedger(CLEAN));
  const answer = await ask(
    engine,
    ANN,
    `{ promotionHistory(filter: { types: [AGENT_PROMOTED] }) { nodes {
      ...on AgentPromotedEntry { toTier approvals { principal { id kind } role rationale } } } } }`,
  );
  expect(answer.codes).toEqual([]);
  expect(answer.all('promotionHistory.nodes')).toEqual([
    { toTier: 'T2', approvals: [{ ...by('dana'), role: 'REVIEWER', rationale: 'well done' }] },
    { toTier: 'T1', approvals: [{ ...by('lee'), role: 'REVIEWER', rationale: null }] },
  ]);
});

const by = (id: string) => ({ principal: { id, kind: 'PERSON' } });
