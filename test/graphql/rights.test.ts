// Who may what: every root field × every kind × every role and none × own agent, another's, and one
// out of sight. The fields come from the schema, so a new one without a row here fails.
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GraphQLArgument, GraphQLInputField, GraphQLInputType, GraphQLSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Principal, PrincipalKind, Role } from '../../src/governance/principal.ts';
import { ROLES } from '../../src/governance/principal.ts';
import { rootFields, ROOT_RIGHTS } from '../../src/graphql/root-rights.ts';
import { givenEngine, START } from '../support/given-engine.ts';
import { givenRun, record } from '../support/given-runs.ts';
import { ask } from './ask.ts';

interface Rule {
  readonly roles: readonly Role[];
  readonly kinds: readonly PrincipalKind[];
}

const KINDS = ['PERSON', 'AGENT', 'SERVICE'] as const;
const PEOPLE = ['PERSON'] as const;

/** Fields of later versions are listed ahead; those that only read are for everybody, within sight. */
const COMMANDS: Readonly<Record<string, Rule>> = {
  recordRuns: { roles: ['RECORDER'], kinds: KINDS },
  reportViolation: { roles: ['RECORDER', 'REVIEWER', 'ADMIN'], kinds: KINDS },
  promoteAgent: { roles: ['REVIEWER', 'ADMIN'], kinds: PEOPLE },
  denyPromotion: { roles: ['REVIEWER', 'ADMIN'], kinds: PEOPLE },
  revokeAgent: { roles: ['REVIEWER', 'ADMIN'], kinds: PEOPLE },
  reinstateAgent: { roles: ['ADMIN'], kinds: PEOPLE },
  updateAgent: { roles: ['ADMIN'], kinds: PEOPLE },
};
const READS = [
  ...['agent', 'agents', 'cursor', 'eligibleAgents', 'ledger', 'node', 'policy', 'promotionHistory'],
  ...['promotionRequirements', 'viewer', 'agentBecameEligible', 'ledgerAppended'],
];
/** Fields that only these roles read; anybody else is answered FORBIDDEN. */
const READERS: Readonly<Record<string, Role>> = { followers: 'ADMIN' };
const [OWN, OTHER, UNSEEN] = ['eve', 'pay-1', 'ops-1'];
const AGENTS = [OWN, OTHER, UNSEEN] as const;

/** What every kind sees: an agent itself alone, whatever its patterns; the others what theirs say. */
const SEEN: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  PERSON: [OWN, OTHER],
  AGENT: [OWN],
  SERVICE: [OWN, OTHER],
};

const CALLERS: readonly Principal[] = KINDS.flatMap((kind) =>
  [[], ...ROLES.map((role) => [role]), [...ROLES]].map((roles) => ({
    ...{ id: kind === 'AGENT' ? OWN : `some-${kind.toLowerCase()}`, kind, roles },
    ...{ agents: kind === 'AGENT' ? ['*'] : [OWN, 'pay-*'], expiresAt: null },
  })),
);

let keys = 0;

/** A value that a field of an input takes, with the agent where one is named. */
function valueOf({ name, type }: GraphQLArgument | GraphQLInputField, agentId: string): unknown {
  const inner = getNamedType(type);
  const one = ofType(inner, name, agentId);
  return isListType(isNonNullType(type) ? type.ofType : type) ? [one] : one;
}

function ofType(type: GraphQLInputType, name: string, agentId: string): unknown {
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => !LEFT_OUT.has(field.name))
        .map((field) => [field.name, valueOf(field, agentId)]),
    );
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (name === 'agentId') return agentId;
  if (name === 'type') return 'generate_plan';
  if (/Id$|Key$/.test(name)) return `${name}-${(keys += 1)}`;
  const scalars = { Boolean: false, Int: 1, DateTime: new Date(START).toISOString() };
  return Object.hasOwn(scalars, type.toString())
    ? scalars[type.toString() as keyof typeof scalars]
    : 'Worked carefully for months.';
}

/** What binds a command to something that is not so, or that only some may set. */
const LEFT_OUT = new Set(['expectedEvidence', 'expectedTier', 'owner', 'runId', 'retired']);
/** What of it is required after all. */
const required = (schema: GraphQLSchema, input: Record<string, unknown>, field: string) =>
  field === 'recordRuns'
    ? { ...input, runs: (input.runs as object[]).map((run) => ({ ...run, runId: `run-${(keys += 1)}` })) }
    : field === 'updateAgent'
      ? { ...input, owner: 'olga' }
      : input;

function commandOn(schema: GraphQLSchema, field: string, agentId: string) {
  const argument = schema.getMutationType()?.getFields()[field]?.args[0];
  if (argument === undefined) throw new Error(`${field} takes nothing.`);
  const input = required(schema, valueOf(argument, agentId) as Record<string, unknown>, field);
  const parts = field === 'recordRuns' ? '... on RunsRecorded { outcomes { error { code } } }' : '';
  const document = `mutation ($input: ${argument.type.toString()}) { ${field}(input: $input) { __typename ${parts}
    ... on UserError { code message } } }`;
  return { document, variables: { input } };
}

function namesOf(schema: GraphQLSchema, root: 'Mutation' | 'Query' | 'Subscription'): readonly string[] {
  return rootFields(schema)
    .filter((field) => field.startsWith(`${root}.`))
    .map((field) => field.slice(root.length + 1));
}

async function givenAgents() {
  const given = await givenEngine();
  await record(
    given.app,
    AGENTS.flatMap((agentId) => Array.from({ length: 6 }, () => givenRun(START, { agentId }))),
  );
  return given;
}

test('every root field has a rule, here and in the table of rights', async () => {
  const { engine } = await givenEngine();
  for (const field of namesOf(engine.schema, 'Mutation')) expect(Object.keys(COMMANDS)).toContain(field);
  for (const root of ['Query', 'Subscription'] as const)
    for (const field of namesOf(engine.schema, root))
      expect([...READS, ...Object.keys(READERS)]).toContain(field);
  expect(rootFields(engine.schema).filter((field) => !Object.hasOwn(ROOT_RIGHTS, field))).toEqual([]);
});

describe.each(CALLERS)('a caller of kind $kind with the roles $roles', (caller) => {
  const seen = SEEN[caller.kind as (typeof KINDS)[number]];

  test('is refused every command but those that are its own to give, on agents that it sees', async () => {
    const { engine } = await givenAgents();
    const wrong: string[] = [];
    for (const field of namesOf(engine.schema, 'Mutation'))
      for (const agentId of [...AGENTS, 'ghost']) {
        const { document, variables } = commandOn(engine.schema, field, agentId);
        const answer = await ask(engine, caller, document, variables);
        const codes = [
          ...answer.codes,
          ...answer.all(`${field}.code`),
          ...answer.all(`${field}.outcomes.error.code`),
        ];
        const rule = COMMANDS[field];
        const may =
          rule?.roles.some((role) => caller.roles.includes(role)) === true &&
          rule.kinds.includes(caller.kind) &&
          seen.includes(agentId);
        const refused = codes.includes('FORBIDDEN');
        if (refused === may || codes.includes('VALIDATION') || answer.codes.length > 0)
          wrong.push(
            `${field} on ${agentId}: ${[...codes, ...answer.messages].join()}, ${may ? 'may' : 'may not'}`,
          );
      }
    expect(wrong).toEqual([]);
  });

  test('reads every root field, and through none an agent that it does not see', async () => {
    const { engine } = await givenAgents();
    for (const field of namesOf(engine.schema, 'Query')) {
      const { args = [], type } = engine.schema.getQueryType()?.getFields()[field] ?? {};
      const selection = type !== undefined && isObjectType(getNamedType(type)) ? '{ __typename }' : '';
      const needed = args.filter((argument) => isNonNullType(argument.type));
      for (const agentId of AGENTS) {
        const given = needed.map(
          (argument) => `${argument.name}: ${JSON.stringify(valueOf(argument, agentId))}`,
        );
        const shown = field === 'node' ? '{ id }' : selection;
        const query = `{ ${field}${given.length > 0 ? `(${given.join()})` : ''} ${shown} }`;
        const answer = await ask(engine, caller, query);
        const reader = READERS[field];
        const mayRead = reader === undefined || caller.roles.includes(reader);
        expect(answer.codes, query).toEqual(mayRead ? [] : ['FORBIDDEN']);
        if (field === 'agent') expect(answer.one('agent') !== null, agentId).toBe(seen.includes(agentId));
      }
    }
    const list = await ask(
      engine,
      caller,
      '{ agents { nodes { agentId } } ledger(first: 100) { nodes { agentId } } }',
    );
    for (const path of ['agents.nodes.agentId', 'ledger.nodes.agentId'])
      expect([...new Set(list.all(path).filter((id) => id !== null))].sort(), path).toEqual([...seen].sort());
  });
});
