import { dataOf } from './answer-error.ts';
import type { Api, ApiAnswer, ApiRequest, Listening } from './api.ts';

/** A typed document, as it is generated. */
export interface TypedDocument<Data, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Data;
}

/**
 * What a document answers.
 * @throws CliError for the first error of the answer, or if there is none
 */
export async function ask<Data, Variables>(
  api: Api,
  document: TypedDocument<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answer = await api.answer({
    query: document.toString(),
    variables: variables as ApiRequest['variables'],
  });
  return dataOf<Data>(answer as ApiAnswer<Data>);
}

/**
 * The events of a typed document.
 * @throws CliError for the first error of an answer, or when the connection ends
 */
export async function* follow<Data, Variables>(
  api: Api,
  document: TypedDocument<Data, Variables>,
  { variables, ...listening }: Listening & { readonly variables: Variables },
): AsyncGenerator<Data, void> {
  const request = { query: document.toString(), variables: variables as ApiRequest['variables'] };
  for await (const answer of api.events(request, listening)) yield dataOf<Data>(answer as ApiAnswer<Data>);
}
