import { builder } from './builder.ts';
import { RoleEnum } from './enums.ts';
import { PrincipalType } from './principal.ts';
import { PRICES } from './prices.ts';

/** Nothing here is a relation: the vote that an imported promotion names has no row that one could be found from. */
export const ApprovalType = builder.prismaObject('Approval', {
  description: 'One person’s vote for a candidacy.',
  fields: (t) => ({
    principal: t.field({
      complexity: PRICES.row,
      type: PrincipalType,
      description: 'Who approved.',
      resolve: ({ principalKey }, _args, { load }) => load.principal.load(principalKey),
    }),
    role: t.expose('role', {
      type: RoleEnum,
      description: 'The role it was given with, frozen with the vote.',
    }),
    rationale: t.string({
      complexity: PRICES.row,
      nullable: true,
      description: 'Why; null if none was given, or once it is erased.',
      resolve: ({ rationaleId }, _args, { load }) =>
        rationaleId === null ? null : load.text.load(rationaleId),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
});
