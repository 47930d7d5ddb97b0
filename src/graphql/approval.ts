import { builder } from './builder.ts';
import { textOf } from './entry-parts.ts';
import { RoleEnum } from './enums.ts';
import './principal.ts';

/** A vote. Its fields look up what they name by key: the vote of an imported promotion has no row to look it up through. */
export const ApprovalType = builder.prismaObject('Approval', {
  description: 'One person’s vote for a candidacy.',
  fields: (t) => ({
    principal: t.prismaField({
      type: 'Principal',
      description: 'Who approved.',
      resolve: (query, { principalKey: key }, _args, { prisma }) =>
        prisma.principal.findUniqueOrThrow({ ...query, where: { key } }),
    }),
    role: t.expose('role', {
      type: RoleEnum,
      description: 'The role it was given with, frozen with the vote.',
    }),
    rationale: t.string({
      nullable: true,
      description: 'Why; null if none was given, or once it is erased.',
      resolve: ({ rationaleId: id }, _args, context) => textOf(context, id === null ? null : { id }),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
});
