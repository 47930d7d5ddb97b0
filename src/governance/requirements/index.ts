import { z } from 'zod';
import type { RequirementKindDefinition } from '../requirement.ts';
import { actionType } from './action-type.ts';
import { compliantRuns } from './compliant-runs.ts';
import { consecutiveCompliantRuns } from './consecutive-compliant-runs.ts';
import { successfulModifications } from './successful-modifications.ts';
import { timeAtTier } from './time-at-tier.ts';
import { violations } from './violations.ts';

/** Every kind of requirement, one line each: the policy parser, the GraphQL enum and its descriptions derive from it. */
export const REQUIREMENT_KINDS = [
  compliantRuns,
  consecutiveCompliantRuns,
  actionType,
  successfulModifications,
  violations,
  timeAtTier,
] as const;

type Definition = (typeof REQUIREMENT_KINDS)[number];

/** The name of a kind of requirement. */
export type RequirementKind = Definition['kind'];

/** A requirement as a policy writes it. */
export type RequirementData = Readonly<z.infer<Definition['schema']>>;

type Schemas = [Definition['schema'], ...Definition['schema'][]];

/** Parses a requirement as a policy writes it; unknown fields are refused. */
export const requirementData: z.ZodType<RequirementData> = z.discriminatedUnion(
  'kind',
  REQUIREMENT_KINDS.map((definition) => definition.schema) as unknown as Schemas,
);

const byKind = new Map<string, RequirementKindDefinition<RequirementKind, RequirementData>>(
  REQUIREMENT_KINDS.map((definition) => [
    definition.kind,
    definition as unknown as RequirementKindDefinition<RequirementKind, RequirementData>,
  ]),
);

/** The definition that a requirement's kind names; parsing has made sure that there is one. */
export function definitionOf(
  data: RequirementData,
): RequirementKindDefinition<RequirementKind, RequirementData> {
  const definition = byKind.get(data.kind);
  if (definition === undefined) throw new TypeError(`There is no requirement kind ${data.kind}.`);
  return definition;
}
