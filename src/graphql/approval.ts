import { builder } from './builder.ts';
import { RoleEnum } from './enums.ts';

export const ApprovalType = builder.prismaObject('Approval', {
  description: 'One person’s vote for a candidacy.',
  fields: (t) => ({
    principal: t.relation('principal', { description: 'Who approved.' }),
    role: t.expose('role', {
      type: RoleEnum,
      description: 'The role it was given with, frozen with the vote.',
    }),
    rationale: t.string({
      nullable: true,
      description: 'Why; null if none was given, or once it is erased.',
      select: { rationale: true },
      resolve: ({ rationale }) => rationale?.body ?? null,
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
});
