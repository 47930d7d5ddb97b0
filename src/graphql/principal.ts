import { erasedId } from '../governance/principals/principal-key.ts';
import { builder } from './builder.ts';
import { PrincipalKindEnum } from './enums.ts';

export const PrincipalType = builder.prismaObject('Principal', {
  description: 'A person, agent, service or part of Tierkeeper.',
  fields: (t) => ({
    id: t.string({
      description: 'The id it authenticates with; of an erased person, what the ledger keeps instead.',
      resolve: ({ id, key }) => id ?? erasedId(key),
    }),
    kind: t.expose('kind', { type: PrincipalKindEnum, description: 'What it is.' }),
  }),
});
