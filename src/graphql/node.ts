import { brandWithType } from '@pothos/core';
import { decodeGlobalID } from '@pothos/plugin-relay';
import { sees, sightOf } from '../governance/principals/principal.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { builder } from './builder.ts';
import { PRICES } from './prices.ts';

type Found = Promise<{ readonly agentId: string } | null>;

/** How to find what a global id names, by its type. */
const NODES: Readonly<Record<string, (prisma: PrismaClient, id: string) => Found | null>> = {
  Agent: (prisma, agentId) => prisma.agent.findUnique({ where: { agentId } }),
  Run: (prisma, id) => bySeq(id, (seq) => prisma.run.findUnique({ where: { seq } })),
  Violation: (prisma, id) => bySeq(id, (seq) => prisma.violation.findUnique({ where: { seq } })),
  Candidacy: (prisma, id) => bySeq(id, (seq) => prisma.candidacy.findUnique({ where: { seq } })),
};

function bySeq(id: string, find: (seq: bigint) => Found): Found | null {
  return /^\d{1,16}$/.test(id) ? find(BigInt(id)) : null;
}

function decoded(id: string): { readonly typename: string; readonly id: string } | null {
  try {
    return decodeGlobalID(id);
  } catch {
    return null;
  }
}

builder.queryField('node', (t) =>
  t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    complexity: PRICES.statement,
    description: 'Anything by its global id; null if there is nothing that the caller may see.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: async (_root, { id }, { prisma, principal }) => {
      const named = decoded(id);
      if (named === null || !Object.hasOwn(NODES, named.typename)) return null;
      const found = await NODES[named.typename]?.(prisma, named.id);
      if (found == null || !sees(sightOf(principal), found.agentId)) return null;
      brandWithType(found, named.typename as never);
      return found;
    },
  }),
);
