import type { z } from 'zod';
import type { Facts, FactsNeeded } from './facts.ts';

/** Whether a requirement asks for at least, or allows at most, its number. */
export type RequirementBound = 'AT_LEAST' | 'AT_MOST';

/** What a requirement measures in facts: the number, and when `met` next changes with no write (null: never). */
export interface Measure {
  readonly actual: number;
  readonly changesAt: number | null;
}

/** A requirement as a policy asks it. */
export interface StepRequirement {
  readonly key: string;
  readonly kind: string;
  readonly action: string | null;
  readonly bound: RequirementBound;
  readonly required: number;
  readonly message: string;
}

/** A requirement measured: `remaining` is what is short of `required`, or in excess of it for AT_MOST. */
export interface Requirement extends StepRequirement {
  readonly actual: number;
  readonly remaining: number;
  readonly met: boolean;
  /** The first instant after the evaluation at which `met` differs with no write. */
  readonly changesAt: number | null;
}

/** Everything there is to know about one kind of requirement; `Data` is what a policy writes, without its kind. */
export interface RequirementKindDefinition<Kind extends string, Data> {
  readonly kind: Kind;
  /** One sentence for people who read a policy or the schema. */
  readonly description: string;
  /** Strict zod schema of the policy's data, `kind` included. */
  readonly schema: z.ZodType<Data & { readonly kind: Kind }>;
  readonly bound: RequirementBound;
  required(data: Data): number;
  /** The action type it names, if it names one: part of its key. */
  action(data: Data): string | null;
  message(data: Data, windowDays: number): string;
  needs(data: Data): FactsNeeded;
  /** Pure and total. */
  measure(data: Data, facts: Facts, windowDays: number): Measure;
}

/** Whether an actual number satisfies a bound. */
export function satisfies(bound: RequirementBound, actual: number, required: number): boolean {
  return bound === 'AT_LEAST' ? actual >= required : actual <= required;
}

/** `5 runs`, `1 run`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
