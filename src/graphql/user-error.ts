import type { ErrorCode, GovernanceError } from '../governance/errors.ts';
import { wrapErrorIfMatches } from '@pothos/plugin-errors';
import { builder } from './builder.ts';
import { ErrorCodeEnum } from './enums.ts';
import { pascalCase } from './pascal-case.ts';

/** What every refusal has. */
export const UserErrorInterface = builder
  .interfaceRef<{ readonly code: ErrorCode; readonly message: string }>('UserError')
  .implement({
    description:
      'A refusal that the caller can do something about. Each code has a type of its own, with data that helps.',
    resolveType: ({ code }) => `${pascalCase(code)}Error`,
    fields: (t) => ({
      code: t.expose('code', { type: ErrorCodeEnum, description: 'Why, for programs.' }),
      message: t.exposeString('message', { description: 'What was wrong and what to do, for people.' }),
    }),
  });

/** A refusal as a value of a field: graphql-js would throw an Error that a resolver returns. */
export function shown(error: GovernanceError): { readonly code: ErrorCode; readonly message: string } {
  const errorClass = error.constructor as new (...args: never[]) => unknown;
  return wrapErrorIfMatches(error, [errorClass]) as GovernanceError;
}
