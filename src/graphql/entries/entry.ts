import type { EntryPayloads, LedgerEntryType } from '../../governance/ledger/entries.ts';
import type { LedgerEntry } from '../../generated/prisma/client.ts';
import '../agent.ts';
import { builder } from '../builder.ts';
import { LedgerEntryTypeEnum, TierEnum } from '../enums.ts';
import { pascalCase } from '../pascal-case.ts';
import '../principal.ts';
import { PRICES } from '../prices.ts';

/** An entry's row; its payload is a text. */
export type EntryRow = LedgerEntry;

const parsed = new WeakMap<EntryRow, unknown>();

/** The payload of an entry whose type is known, parsed once. */
export function payloadOf<T extends LedgerEntryType>(row: EntryRow, _type: T): EntryPayloads[T] {
  const payload: unknown = parsed.get(row) ?? JSON.parse(row.payload);
  parsed.set(row, payload);
  return payload as EntryPayloads[T];
}

export const LedgerEntryInterface = builder.prismaInterface('LedgerEntry', {
  name: 'LedgerEntry',
  description: 'Something that happened, as the append-only, hash-chained ledger holds it.',
  resolveType: ({ type }) => `${pascalCase(type)}Entry`,
  fields: (t) => ({
    id: t.id({ description: 'Unique among entries.', resolve: ({ seq }) => globalId(seq) }),
    seq: t.expose('seq', {
      type: 'SafeInt',
      description: 'Its place in the ledger, from 1 on without a gap.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      description: 'When it was appended: later than `at` for imports, and for what time alone changed.',
    }),
    actor: t.relation('actor', {
      complexity: PRICES.row,
      description: 'Who caused it.',
    }),
    type: t.field({
      type: LedgerEntryTypeEnum,
      description: 'What it says.',
      resolve: ({ type }) => type,
    }),
    agentId: t.exposeString('agentId', {
      nullable: true,
      description: 'Whom it is about; null if it is about no agent.',
    }),
    agent: t.relation('agent', {
      complexity: PRICES.row,
      nullable: true,
      description: 'That agent as it is now; null if it is about no agent.',
    }),
  }),
});

function globalId(seq: bigint): string {
  return Buffer.from(`LedgerEntry:${seq}`).toString('base64');
}

export const TierChangeInterface = builder.interfaceRef<EntryRow>('TierChange').implement({
  description: 'An entry that changed an agent’s tier, or began it.',
  resolveType: ({ type }) => `${pascalCase(type)}Entry`,
  fields: (t) => ({
    fromTier: t.field({
      type: TierEnum,
      nullable: true,
      description: 'The tier before; null where an agent begins.',
      resolve: (row) => payloadOf(row, 'AGENT_REGISTERED').fromTier,
    }),
    toTier: t.field({
      type: TierEnum,
      description: 'The tier after.',
      resolve: (row) => payloadOf(row, 'AGENT_REGISTERED').toTier,
    }),
  }),
});
