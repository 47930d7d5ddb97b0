import type { LedgerEntryType } from '../../governance/ledger/entries.ts';

/** The types of entry that change what an agent may do. */
export const PRIVILEGE_ENTRIES: readonly LedgerEntryType[] = [
  'AGENT_REGISTERED',
  'AGENT_IMPORTED',
  'AGENT_PROMOTED',
  'AGENT_REVOKED',
  'AGENT_REINSTATED',
];
