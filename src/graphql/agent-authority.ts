import { COMMAND_RIGHTS, type Command } from '../governance/principals/authority.ts';
import { commandRefusal, RAISING } from '../governance/command-refusal.ts';
import { permitsOf } from '../governance/policy.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { CommandEnum, TierEnum } from './enums.ts';
import { shown, UserErrorInterface } from './user-error.ts';
import { PRICES, listOf } from './prices.ts';
import { PER_CALLER } from './per-caller.ts';

const COMMANDS = Object.keys(COMMAND_RIGHTS) as Command[];

builder.prismaObjectFields(AgentType, (t) => ({
  effectiveTier: t.field({
    type: TierEnum,
    nullable: true,
    description:
      'The tier that it may act at now: null while it is suspended. The one field to check before acting.',
    select: { tier: true, suspended: true },
    resolve: ({ tier, suspended }) => (suspended ? null : tier),
  }),
  permits: t.stringList({
    complexity: listOf('permits'),
    description:
      'The action types that it may execute now under the policy in force, `*` for everything; none while it is suspended.',
    select: { tier: true, suspended: true },
    resolve: ({ tier, suspended }, _args, { policy }) => (suspended ? [] : permitsOf(policy, tier)),
  }),
  viewerCan: t.field({
    type: [CommandEnum],
    description: 'The commands about it that would be taken from the caller now, given a suitable input.',
    complexity: listOf('commands', PRICES.viewerCan),
    extensions: PER_CALLER,
    resolve: async ({ agentId }, _args, { load, app }) => {
      const each = await load.commandCase.load(agentId);
      const raises = app.witness.doubt() === null;
      const taken = COMMANDS.filter((command) => raises || !RAISING.has(command));
      return taken.filter((command) => commandRefusal(command, each) === null);
    },
  }),
  viewerCanPromote: t.boolean({
    description:
      'Whether promoteAgent by the caller would be taken now, with a rationale where the step needs one.',
    complexity: PRICES.viewerCan,
    extensions: PER_CALLER,
    resolve: async ({ agentId }, _args, { load, app }) =>
      app.witness.doubt() === null &&
      commandRefusal('PROMOTE_AGENT', await load.commandCase.load(agentId)) === null,
  }),
  viewerCannotPromoteReasons: t.field({
    type: [UserErrorInterface],
    description: 'What promoteAgent by the caller would be refused for now; empty if it would be taken.',
    complexity: listOf('reasons', PRICES.viewerCan),
    extensions: PER_CALLER,
    resolve: async ({ agentId }, _args, { load }) => {
      const refusal = commandRefusal('PROMOTE_AGENT', await load.commandCase.load(agentId));
      return refusal === null ? [] : [shown(refusal)];
    },
  }),
}));
