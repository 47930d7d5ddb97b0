// Who may what: every root field × every kind × every role and none × own agent, another's, and one
// out of sight × each tier. The fields come from the schema, so a new one without a row here fails.
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { GraphQLArgument, GraphQLInputField, GraphQLInputType, GraphQLSchema } from 'graphql';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Principal, PrincipalKind, Role } from '../../src/governance/principals/principal.ts';
import { ROLES } from '../../src/governance/principals/principal.ts';
import { rootFields, ROOT_RIGHTS } from '../../src/graphql/root-rights.ts';
import type { Engine } from '../../src/compose/engine.ts';
import { writeCursor } from '../../src/governance/ledger/cursor.ts';
import { baseline } from '../../src/governance/policies/baseline.ts';
import { TIERS, type Tier } from '../../src/governance/tier.ts';
import { givenEligible } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { HandClock, openedEngine, START } from '../support/given-engine.ts';
import { ask } from './ask.ts';
import { following } from './follow.ts';
import { rehearse } from './rehearse.ts';

interface Rule {
  readonly roles: readonly Role[];
  readonly kinds: readonly PrincipalKind[];
}

const KINDS = ['PERSON', 'AGENT', 'SERVICE'] as const;
const PEOPLE = ['PERSON'] as const;

/** Those that only read are for everybody, within sight. */
const COMMANDS: Readonly<Record<string, Rule>> = {
  recordRuns: { roles: ['RECORDER'], kinds: KINDS },
  reportViolation: { roles: ['RECORDER', 'REVIEWER', 'ADMIN'], kinds: KINDS },
  promoteAgent: { roles: ['REVIEWER', 'ADMIN'], kinds: PEOPLE },
  denyPromotion: { roles: ['REVIEWER', 'ADMIN'], kinds: PEOPLE },
  revokeAgent: { roles: ['REVIEWER', 'ADMIN'], kinds: KINDS },
  reinstateAgent: { roles: ['ADMIN'], kinds: PEOPLE },
  updateAgent: { roles: ['ADMIN'], kinds: ['PERSON', 'SERVICE'] },
};
/** Commands that begin an agent. */
const REGISTERS = new Set(['recordRuns']);
const READS = [
  'agent',
  'agents',
  'cursor',
  'eligibleAgents',
  'ledger',
  'node',
  'policy',
  'promotionHistory',
  'promotionRequirements',
  'viewer',
  'agentBecameEligible',
  'ledgerAppended',
];

/** An agent's relation to whoever asks: itself or one that it may see, another one in its patterns, one outside of them. */
const RELATIONS = ['eve', 'pay', 'ops'] as const;

/** Fields that only these roles read; anybody else is answered FORBIDDEN. */
const READERS: Readonly<Record<string, Role>> = { followers: 'ADMIN' };

/** What every kind sees: an agent itself alone, whatever its patterns; the others what theirs say. */
const SEEN: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  PERSON: ['eve', 'pay'],
  AGENT: ['eve'],
  SERVICE: ['eve', 'pay'],
};

/** The one command that takes an agent which is suspended; the others are asked about one that has earned the next tier. */
const situationFor = (field: string) => (field === 'reinstateAgent' ? 'halted' : 'earned');
const SITUATIONS = ['earned', 'halted'] as const;
const nameOf = (relation: string, situation: string, tier: Tier) =>
  `${relation}-${situation}-${tier.toLowerCase()}`;

interface Caller {
  readonly kind: (typeof KINDS)[number];
  readonly roles: readonly Role[];
}

const CALLERS: readonly Caller[] = KINDS.flatMap((kind) =>
  [[], ...ROLES.map((role) => [role]), [...ROLES]].map((roles) => ({ kind, roles })),
);

/** Somebody; an agent is the one that is asked about. */
function principalOf({ kind, roles }: Caller, own: string): Principal {
  const limits = { agents: kind === 'AGENT' ? ['*'] : ['eve-*', 'pay-*'], expiresAt: null };
  return { id: kind === 'AGENT' ? own : `some-${kind.toLowerCase()}`, kind, roles, ...limits };
}

const BEGINNING = writeCursor({ seq: 0, hash: '00000000' });
const LISTS = `{ agents(first: 100) { nodes { agentId } }
  ledger(first: 100, filter: { types: [AGENT_REGISTERED] }) { nodes { agentId } }
  claims: ledger(first: 100, filter: { types: [AGENT_BECAME_ELIGIBLE] }) { nodes { agentId } } }`;
const APPENDED = `subscription ($after: String) {
  event: ledgerAppended(after: $after, filter: { types: [AGENT_REGISTERED] }) { entry { agentId } } }`;
const ELIGIBLE =
  'subscription ($after: String) { event: agentBecameEligible(after: $after) { agent { agentId } } }';

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
const LEFT_OUT = new Set(['expectedEvidence', 'expectedTier', 'owner', 'runId', 'retired', 'toTier']);

/** What of it is required after all. */
function required(input: Record<string, unknown>, field: string): Record<string, unknown> {
  switch (field) {
    case 'recordRuns':
      return { runs: (input.runs as object[]).map((run) => ({ ...run, runId: `of-rights-${(keys += 1)}` })) };
    case 'updateAgent':
      return { ...input, owner: 'olga' };
    case 'revokeAgent':
      return { ...input, suspend: true };
    default:
      return input;
  }
}

function commandOn(schema: GraphQLSchema, field: string, agentId: string) {
  const argument = schema.getMutationType()?.getFields()[field]?.args[0];
  if (argument === undefined) throw new Error(`${field} takes nothing.`);
  const input = required(valueOf(argument, agentId) as Record<string, unknown>, field);
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

let engine: Engine;
let close: () => Promise<void>;
const folder = mkdtempSync(join(tmpdir(), 'tierkeeper-test-'));

/** At each tier, for each relation, an agent that has earned the next one and an agent that is suspended. */
beforeAll(async () => {
  const file = join(folder, 'tierkeeper.db');
  ({ engine, close } = await openedEngine({
    file,
    clock: new HandClock(),
    policy: baseline,
  }));
  for (const tier of TIERS)
    for (const relation of RELATIONS) {
      await givenEligible(engine.app, nameOf(relation, 'earned', tier), tier);
      await givenEligible(engine.app, nameOf(relation, 'halted', tier), tier);
      await revoke(engine.app, { agentId: nameOf(relation, 'halted', tier) });
    }
}, 120_000);

afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

test('every root field has a rule, here and in the table of rights', () => {
  for (const field of namesOf(engine.schema, 'Mutation')) expect(Object.keys(COMMANDS)).toContain(field);
  for (const root of ['Query', 'Subscription'] as const)
    for (const field of namesOf(engine.schema, root))
      expect([...READS, ...Object.keys(READERS)]).toContain(field);
  expect(rootFields(engine.schema).filter((field) => !Object.hasOwn(ROOT_RIGHTS, field))).toEqual([]);
});

/** The codes that a command is answered with, of its parts too; nothing of it is left. */
async function codesOf(caller: Caller, field: string, agentId: string, own: string) {
  const { document, variables } = commandOn(engine.schema, field, agentId);
  const answer = await rehearse(engine, principalOf(caller, own), document, variables);
  expect(answer.codes, `${field} on ${agentId}: ${answer.messages.join()}`).toEqual([]);
  return [...answer.all(`${field}.code`), ...answer.all(`${field}.outcomes.error.code`)];
}

/** What a command that its caller may give comes to at a tier. */
function outcomeAt(tier: Tier, field: string): readonly string[] {
  if (tier !== 'T4') return [];
  if (field === 'promoteAgent') return ['MAXIMUM_TIER'];
  return field === 'denyPromotion' ? ['NO_CANDIDACY'] : [];
}

describe.each(CALLERS)('a caller of kind $kind with the roles $roles', (caller) => {
  test.each(TIERS)(
    'gives at %s every command that is its own, on agents that it sees, and no other',
    async (tier) => {
      for (const field of namesOf(engine.schema, 'Mutation')) {
        const situation = situationFor(field);
        const own = nameOf('eve', situation, tier);
        const rule = COMMANDS[field];
        const may =
          rule?.kinds.includes(caller.kind) === true &&
          rule.roles.some((role) => caller.roles.includes(role));
        for (const relation of RELATIONS) {
          const codes = await codesOf(caller, field, nameOf(relation, situation, tier), own);
          const sees = SEEN[caller.kind].includes(relation);
          const expected = may && sees ? outcomeAt(tier, field) : ['FORBIDDEN'];
          expect([field, relation, ...codes]).toEqual([field, relation, ...expected]);
        }
        const ghost = await codesOf(caller, field, 'eve-ghost', own);
        const unknown = REGISTERS.has(field) ? [] : ['AGENT_NOT_FOUND'];
        expect([field, 'ghost', ...ghost]).toEqual([
          field,
          'ghost',
          ...(may && caller.kind !== 'AGENT' ? unknown : ['FORBIDDEN']),
        ]);
      }
    },
  );

  test('reads every root field, and through none an agent that it does not see', async () => {
    for (const tier of TIERS) {
      const principal = principalOf(caller, nameOf('eve', 'earned', tier));
      for (const relation of RELATIONS)
        for (const field of namesOf(engine.schema, 'Query')) {
          const query = readingOf(engine.schema, field, nameOf(relation, 'earned', tier));
          const answer = await ask(engine, principal, query);
          const reader = READERS[field];
          const mayRead = reader === undefined || caller.roles.includes(reader);
          expect(answer.codes, query).toEqual(mayRead ? [] : ['FORBIDDEN']);
          if (field === 'agent')
            expect(answer.one('agent') !== null, query).toBe(SEEN[caller.kind].includes(relation));
        }
      await readsLists(principal, caller.kind);
    }
  });
});

function readingOf(schema: GraphQLSchema, field: string, agentId: string): string {
  const { args = [], type } = schema.getQueryType()?.getFields()[field] ?? {};
  const selection = type !== undefined && isObjectType(getNamedType(type)) ? '{ __typename }' : '';
  const given = args
    .filter((argument) => isNonNullType(argument.type))
    .map((argument) => `${argument.name}: ${JSON.stringify(valueOf(argument, agentId))}`);
  const shown = field === 'node' ? '{ id }' : selection;
  return `{ ${field}${given.length > 0 ? `(${given.join()})` : ''} ${shown} }`;
}

/** Lists and subscriptions, each from the beginning on, show the agents in sight and no others. */
async function readsLists(principal: Principal, kind: (typeof KINDS)[number]): Promise<void> {
  const all = TIERS.flatMap((tier) =>
    RELATIONS.flatMap((relation) => SITUATIONS.map((situation) => nameOf(relation, situation, tier))),
  );
  const seen = kind === 'AGENT' ? [principal.id] : all.filter((name) => !name.startsWith('ops-'));
  const list = await ask(engine, principal, LISTS);
  expect([...list.all('agents.nodes.agentId')].sort()).toEqual([...seen].sort());
  const registered = list.all('ledger.nodes.agentId');
  expect([...registered].sort()).toEqual([...seen].sort());
  const claims = list.all('claims.nodes.agentId');
  const appended = await following(engine, principal, APPENDED, { after: BEGINNING });
  const told = await appended.take(registered.length);
  expect(told.flatMap((event) => event.all('event.entry.agentId'))).toEqual([...registered].reverse());
  const eligible = await following(engine, principal, ELIGIBLE, { after: BEGINNING });
  const became = await eligible.take(claims.length);
  expect(became.flatMap((event) => event.all('event.agent.agentId'))).toEqual([...claims].reverse());
  await Promise.all([appended.end(), eligible.end()]);
}
