import { execute, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { LedgerFeed } from '../../app/feed/ledger-feed.ts';
import type { StoredEntry } from '../../app/ports/ledger.ts';
import type { Limits } from '../../config/config.ts';
import { writeCursor } from '../../governance/ledger/cursor.ts';
import { operationOf, type Caller, type Operation } from '../access/caller.ts';
import { withoutHttp, type ErrorPresenter } from '../error-presenter.ts';
import { withCost, type Priced } from '../limits/priced.ts';
import type { ShareOptions } from './share.ts';
import type { EventAnswer } from './sink.ts';
import { withinTime } from '../limits/within-time.ts';

interface EventAnswersOptions<Context extends object> {
  /** The first who asked; what it asks for stands for all who share the answers. */
  readonly caller: Caller;
  readonly args: ExecutionArgs;
  readonly feed: LedgerFeed<Context>;
  /** Of each event; those who share the answers asked for the same. */
  readonly priced: Priced;
  readonly context: (operation: Operation) => Context | Promise<Context>;
  readonly limits: Limits;
  readonly presenter: ErrorPresenter;
}

/** An event could not be answered now, but can be later. */
class NotYetAnsweredError extends Error {
  override readonly name = 'NotYetAnsweredError';
}

/** Executes and serialises events that are known at the same time with one context: what one reads, the others find. */
export function eventAnswers<Context extends object>(
  options: EventAnswersOptions<Context>,
): ShareOptions['answer'] {
  const { args, feed, priced, limits, presenter } = options;
  const answersTo: ShareOptions['answer'] = async (entries, signal) => {
    const operation = { ...operationOf(options.caller, priced.budget()), signal, lastEventId: null };
    const contextValue = await options.context(operation);
    const resultOf = async (rootValue: StoredEntry): Promise<ExecutionResult> => {
      try {
        const answering = Promise.resolve(
          execute({ ...args, contextValue, rootValue, hideSuggestions: true }),
        );
        return await withinTime({ ms: limits.executionMs }, answering);
      } catch (error) {
        return { errors: presenter.errors([error], options.caller) };
      }
    };
    const results = await Promise.all(
      entries.map(async (entry) =>
        (await feed.matches(entry, contextValue))
          ? presenter.result(await resultOf(entry), options.caller)
          : null,
      ),
    );
    // Together they have one budget: each has it whole where that was too little.
    if (entries.length > 1 && results.some(isOverBudget)) return oneByOne(entries, signal);
    return entries.map((entry, index) => {
      const result = results[index] ?? null;
      return result === null ? null : eventAnswer(entry, withCost(result, priced.told));
    });
  };
  const oneByOne: ShareOptions['answer'] = async (entries, signal) => {
    const answers: (EventAnswer | null)[] = [];
    for (const entry of entries) answers.push(...(await answersTo([entry], signal)));
    return answers;
  };
  return answersTo;
}

function isOverBudget(result: ExecutionResult | null): boolean {
  return result?.errors?.some(({ extensions }) => extensions.code === 'LIMIT_EXCEEDED') === true;
}

/** @throws NotYetAnsweredError: an event that fails only because of a busy database is not one that was told. */
function eventAnswer({ seq, hash }: StoredEntry, result: ExecutionResult): EventAnswer {
  const { data, errors, extensions } = result;
  if (errors?.some((error) => error.extensions.retryable === true) === true)
    throw new NotYetAnsweredError('An event could not be answered.', { cause: errors[0] });
  const body = {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(withoutHttp) }),
    ...(extensions === undefined ? {} : { extensions }),
  };
  return { seq, cursor: writeCursor({ seq, hash }), body: Buffer.from(JSON.stringify(body)) };
}
