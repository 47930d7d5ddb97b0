import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { NoSchemaIntrospectionCustomRule, validate, type GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Limits } from '../../config/config.ts';
import { principalOf, type CallerContext } from '../access/caller.ts';
import { maxRepeats } from './max-repeats.ts';
import type { OperationRate } from './operation-rate.ts';
import { wireError } from '../wire-codes.ts';

interface LimitOptions {
  readonly limits: Limits;
  readonly production: boolean;
  readonly rate: OperationRate;
}

/**
 * What every document is held to before it runs, as hooks that HTTP, WebSocket and SSE share. The standard introspection
 * query passes the defaults: it has no aliases and directives and some 200 tokens, and depth does not count below `__schema`.
 */
export function limitPlugins({ limits, production, rate }: LimitOptions): readonly Plugin<CallerContext>[] {
  return [
    operationRate(rate),
    maxTokensPlugin({ n: limits.tokens, onReject: [refuse] }),
    maxDepthPlugin({ n: limits.depth, flattenFragments: true, onReject: [refuse] }),
    maxAliasesPlugin({ n: limits.aliases, allowList: [], onReject: [refuse] }),
    maxRepeats(limits.aliases),
    maxDirectivesPlugin({ n: limits.directives, onReject: [refuse] }),
    ...(production ? [introspectionForAdmins] : []),
    withoutSuggestions,
  ];
}

function operationRate(rate: OperationRate): Plugin<CallerContext> {
  return {
    onParse({ context }) {
      const retryAfterMs = rate.take(principalOf(context.caller));
      if (retryAfterMs === 0) return;
      throw wireError(
        'RATE_LIMITED',
        'Too many operations within a minute. Wait as long as retryAfterMs says.',
        { retryAfterMs },
      );
    },
  };
}

function refuse(_context: unknown, { message }: GraphQLError): never {
  throw wireError('LIMIT_EXCEEDED', message.replace('Syntax Error: ', ''));
}

const introspectionForAdmins: Plugin<CallerContext> = {
  onValidate({ context, addValidationRule }) {
    if (!principalOf(context.caller).roles.includes('ADMIN'))
      addValidationRule(NoSchemaIntrospectionCustomRule);
  },
};

/** Who may not introspect learns no names from mistakes either. Armor's plugin leaves out the names of enum values. */
const withoutSuggestions: Plugin<CallerContext> = {
  onValidate({ setValidationFn }) {
    setValidationFn((...[schema, document, rules]: Parameters<typeof validate>) =>
      validate(schema, document, rules, { hideSuggestions: true }),
    );
  },
};
