import type { App } from '../app/app.ts';
import type { Principal } from '../governance/principals/principal.ts';
import type { Context } from './context.ts';

/** Runs a use case as the caller, and makes what is read after it, even after a refusal, as fresh as the command. */
export async function command<Input, Outcome>(
  context: Context,
  useCase: (app: App, principal: Principal, input: Input) => Promise<Outcome>,
  input: Input,
): Promise<Outcome> {
  try {
    return await useCase(context.app, context.principal, input);
  } finally {
    context.renew();
  }
}
