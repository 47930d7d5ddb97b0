import { getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AGENT_PAGE, AGENTS_PAGE } from '../../bench/prices/documents.ts';
import { loadConfig } from '../../src/config/config.ts';
import { operationCost } from '../../src/graphql/operation-cost.ts';
import { assertPriced } from '../../src/graphql/price-list.ts';
import { DEFAULT_COST, PRICES, UNDECLARED } from '../../src/graphql/prices.ts';
import { createSchema } from '../../src/graphql/schema.ts';

const schema = createSchema();
const priced = operationCost(schema);
const costOf = (text: string, variables: Readonly<Record<string, unknown>> = {}) => {
  const document = parse(text);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('The document has no single operation.');
  return priced({ document, operation, variables });
};
const total = (text: string, variables?: Readonly<Record<string, unknown>>) => costOf(text, variables).total;
const agents = (first: number) => total(`{ agents(first: ${first}) { nodes { agentId tier } } }`);

describe('what an operation costs', () => {
  it('leaves a third of the default limit free for the page of 100 agents with all that decides about them', () => {
    expect(loadConfig({}).limits.cost).toBe(DEFAULT_COST);
    expect(total(AGENTS_PAGE)).toBeLessThan(0.7 * DEFAULT_COST);
    expect(total(AGENT_PAGE, { agentId: 'eve' })).toBeLessThan(0.7 * DEFAULT_COST);
  });

  it('grows with `first`, given in the document, by a variable or its default, and with 25 where none is given', () => {
    const page = 'agents(first: $n) { nodes { agentId tier } }';
    expect(agents(40) - agents(20)).toBe(20 * (PRICES.item + 2));
    expect(total(`query ($n: Int) { ${page} }`, { n: 40 })).toBe(agents(40));
    expect(total(`query ($n: Int) { ${page} }`, { n: 20 })).toBe(agents(20));
    expect(total(`query ($n: Int = 40) { ${page} }`)).toBe(agents(40));
    for (const variables of [{}, { n: null }])
      expect(total(`query ($n: Int) { ${page} }`, variables)).toBe(agents(25));
    expect(total('{ agents { nodes { agentId tier } } }')).toBe(agents(25));
  });

  it('is that of a hundred items for whoever asks for more, and no less than nothing for a negative number', () => {
    expect(agents(1_000_000)).toBe(agents(100));
    expect(agents(-5)).toBe(agents(0));
  });

  it('counts once what several fragments select', () => {
    const twice = `{ agents { nodes { ...A ...B } } } fragment A on Agent { evaluation { status } }
      fragment B on Agent { evaluation { status targetTier } }`;
    expect(total(twice)).toBe(total('{ agents { nodes { evaluation { status targetTier } } } }'));
  });

  it('counts what aliases repeat as often as they do', () => {
    const one = total('{ agent(agentId: "eve") { tier } }');
    expect(total('{ a: agent(agentId: "eve") { tier } b: agent(agentId: "ada") { tier } }')).toBe(2 * one);
  });

  it('counts of the types that an entry can have the dearest one alone', () => {
    const entry = (selection: string) => total(`{ ledger(first: 1) { nodes { seq ${selection} } } }`);
    const run = '... on RunRecordedEntry { run { runId } }';
    const owner = '... on AgentUpdatedEntry { owner }';
    expect(entry(`${run} ${owner}`)).toBe(entry(run));
    expect(entry(run)).toBeGreaterThan(entry(owner));
  });

  it('does not count what @skip and @include leave out', () => {
    const text =
      'query ($all: Boolean = false) { viewer { id } agents @include(if: $all) { nodes { tier } } }';
    expect(total(text)).toBe(total('{ viewer { id } }'));
    expect(total(text, { all: true })).toBeGreaterThan(total(text));
    expect(total('{ viewer { id roles @skip(if: true) } }')).toBe(total('{ viewer { id } }'));
  });

  it('does not multiply what stands beside the items of a page', () => {
    const page = (first: number) =>
      total(`{ agents(first: ${first}) { totalCount pageInfo { endCursor hasNextPage } } }`);
    expect(page(100)).toBe(page(1));
  });

  it('names the dearest part by its path', () => {
    const { path, cost } = costOf(
      '{ viewer { id } agents(first: 50) { nodes { tier runs(first: 20) { nodes { runId } } } } }',
    ).dearest();
    expect(path).toBe('agents.nodes.runs.nodes');
    expect(cost).toBe(50 * 20 * (PRICES.item + 1));
  });

  it('lets the usual introspection through', () => {
    const everything = getIntrospectionQuery({
      schemaDescription: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      inputValueDeprecation: true,
      oneOf: true,
    });
    expect(total(everything)).toBeLessThan(DEFAULT_COST);
    const deep = `{ __schema { types { fields { type { fields { type { interfaces { name } possibleTypes { fields { name } } } } } } } } }`;
    expect(total(deep)).toBeGreaterThan(total('{ __schema { types { name } } }'));
  });
});

describe('a list', () => {
  it('without a declared size makes no schema', () => {
    const own = createSchema();
    const field = own.getQueryType()?.getFields().promotionRequirements;
    if (field === undefined) throw new Error('There is no promotionRequirements.');
    field.extensions = { ...field.extensions, complexity: { field: 1, multiplier: UNDECLARED } };
    expect(() => assertPriced(own)).toThrow('Query.promotionRequirements');
  });
});
