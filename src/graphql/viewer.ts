import { sees, sightOf, type Principal } from '../governance/principals/principal.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { PrincipalKindEnum, RoleEnum } from './enums.ts';
import { PRICES, listOf } from './prices.ts';
import { PER_CALLER } from './per-caller.ts';

const ViewerType = builder.objectRef<Principal>('Viewer').implement({
  description: 'The caller, as it is authenticated.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Its principal id.' }),
    kind: t.expose('kind', { type: PrincipalKindEnum, description: 'What it is.' }),
    roles: t.field({
      type: [RoleEnum],
      description: 'What it may do.',
      complexity: listOf('roles'),
      resolve: ({ roles }) => roles,
    }),
    agents: t.field({
      complexity: listOf('patterns'),
      type: ['String'],
      description: 'The agent ids, or their beginnings followed by `*`, that it is limited to.',
      resolve: (principal) => sightOf(principal) ?? ['*'],
    }),
    agent: t.prismaField({
      complexity: PRICES.statement,
      type: AgentType,
      nullable: true,
      description: 'The agent that it is; null for people and services, and before its first run.',
      resolve: (query, principal, _args, { prisma }) =>
        principal.kind === 'AGENT' && sees(sightOf(principal), principal.id)
          ? prisma.agent.findUnique({ ...query, where: { agentId: principal.id } })
          : null,
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its token expires; null if it doesn’t.',
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    description: 'The caller.',
    extensions: PER_CALLER,
    resolve: (_root, _args, { principal }) => principal,
  }),
);
