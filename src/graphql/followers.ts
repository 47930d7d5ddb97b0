import type { BreakerState, Delivery, FollowerStanding } from '../app/ports/deliveries.ts';
import { sees, sightOf } from '../governance/principals/principal.ts';
import { builder } from './builder.ts';
import { described } from './enums.ts';
import { forbidden } from './forbidden.ts';
import { PRICES, listOf } from './prices.ts';

const MOST_DEAD = 100;

const BreakerStateEnum = described<BreakerState>('BreakerState', 'Whether a follower tries to deliver.', {
  CLOSED: 'It does.',
  OPEN: 'The last calls failed: it waits for a moment.',
  HALF_OPEN: 'It tries one thing.',
});

const DeadLetterType = builder.objectRef<Delivery>('DeadLetter').implement({
  description: 'Something that a follower gave up to deliver; it is tried again when asked for.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The agent, or the seq of the entry, that it is about.' }),
    agentId: t.exposeString('agentId', {
      nullable: true,
      description: 'Whom it is about; null if it is about no agent.',
    }),
    since: t.expose('decidedAt', { type: 'DateTime', description: 'When what it tells was decided.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    error: t.exposeString('error', { nullable: true, description: 'What came of the last time.' }),
  }),
});

const FollowerType = builder.objectRef<FollowerStanding>('Follower').implement({
  description: 'Something outside that learns of entries, such as Vault.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    position: t.expose('position', {
      type: 'SafeInt',
      description: 'The entry up to which it has read the ledger.',
    }),
    lag: t.exposeInt('lag', { description: 'How many entries it has not read yet.' }),
    pending: t.exposeInt('pending', { description: 'How much is to be delivered.' }),
    oldestPending: t.expose('oldest', {
      type: 'DateTime',
      nullable: true,
      description: 'When the oldest of it was decided; null if nothing is.',
    }),
    lastError: t.exposeString('lastError', {
      nullable: true,
      description: 'What went wrong last; null once something went well again.',
    }),
    breaker: t.expose('breaker', { type: BreakerStateEnum, description: 'Whether it tries to deliver.' }),
    unknown: t.stringList({
      complexity: listOf('unknown'),
      description: 'Agents that it knows and the ledger does not, of those that you see; the first 100.',
      resolve: ({ unknown }, _args, { principal }) =>
        unknown.filter((agentId) => sees(sightOf(principal), agentId)),
    }),
    deadLetters: t.field({
      type: [DeadLetterType],
      description: 'What it gave up to deliver, of agents that you see; the first 100.',
      complexity: listOf('deadLetters', PRICES.statement),
      resolve: async ({ name }, _args, { followers, principal }) => {
        const letters = await followers.store.deadLetters(name, MOST_DEAD);
        return letters.filter(({ agentId }) => agentId === null || sees(sightOf(principal), agentId));
      },
    }),
  }),
});

builder.queryField('followers', (t) =>
  t.field({
    type: [FollowerType],
    description: 'What follows the ledger; for admins. Empty if nothing is configured.',
    complexity: listOf('followers', PRICES.page),
    resolve: (_root, _args, { principal, followers }) => {
      if (!principal.roles.includes('ADMIN')) throw forbidden('followers are for admins.');
      return followers.store
        .standings()
        .then((all) => all.filter(({ name }) => followers.names.includes(name)));
    },
  }),
);
