import type { VaultErrorKind } from '../../app/ports/vault-error.ts';
import { builder } from '../builder.ts';
import { LedgerEntryInterface, payloadOf } from './entry.ts';
import { described, TierEnum } from '../enums.ts';

const VaultFailureEnum = described<VaultErrorKind>(
  'VaultFailure',
  'Why Vault did not do what it was asked.',
  {
    UNREACHABLE: 'It could not be reached.',
    TIMED_OUT: 'It did not answer in time.',
    SEALED: 'It is sealed, or not available.',
    STANDBY: 'What answered only stands by, or is behind.',
    RATE_LIMITED: 'It was asked too often.',
    DENIED: 'The token is not valid, or its policies do not let Tierkeeper do this.',
    REFUSED: 'It refused the request.',
    NOT_VAULT: 'What answered is not a Vault.',
    REDIRECTED: 'It sent Tierkeeper to another host, which is not followed.',
    NAMESPACE: 'It has no namespace of the configured name.',
    MISPLACED:
      'The agent’s role leads to an entity that is not its own alone: one that was renamed, merged, shared, or is in a group with policies.',
    OTHER_LEDGER:
      'The agent’s entity was last written for another ledger, as before a backup was restored, and may do less than this ledger says.',
  },
);

builder.prismaObject('LedgerEntry', {
  variant: 'VaultConfirmedEntry',
  description: 'Vault was read back to have what the ledger says of an agent.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    tier: t.field({
      type: TierEnum,
      description: 'The tier.',
      resolve: (row) => payloadOf(row, 'VAULT_CONFIRMED').tier,
    }),
    disabled: t.boolean({
      description: 'Whether the agent’s entity is disabled, because it is suspended.',
      resolve: (row) => payloadOf(row, 'VAULT_CONFIRMED').disabled,
    }),
    position: t.field({
      type: 'SafeInt',
      description: 'The entry that asked for it.',
      resolve: (row) => payloadOf(row, 'VAULT_CONFIRMED').position,
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'VaultFailedEntry',
  description:
    'Vault does not take what the ledger says of an agent, and people must mend that. It is tried again; what `followers` lists as given up, only when asked for.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    tier: t.field({
      type: TierEnum,
      description: 'The tier that Vault is to have.',
      resolve: (row) => payloadOf(row, 'VAULT_FAILED').tier,
    }),
    disabled: t.boolean({
      description: 'Whether the agent’s entity is to be disabled.',
      resolve: (row) => payloadOf(row, 'VAULT_FAILED').disabled,
    }),
    position: t.field({
      type: 'SafeInt',
      description: 'The entry that asked for it.',
      resolve: (row) => payloadOf(row, 'VAULT_FAILED').position,
    }),
    failure: t.field({
      type: VaultFailureEnum,
      description:
        'Why: DENIED, MISPLACED, NAMESPACE, NOT_VAULT, OTHER_LEDGER, REDIRECTED or REFUSED. What passes by itself is told by `followers` alone.',
      resolve: (row) => payloadOf(row, 'VAULT_FAILED').failure as VaultErrorKind,
    }),
    why: t.string({
      nullable: true,
      description:
        'For MISPLACED, the entity or the groups that were found, by name, and what to do; for OTHER_LEDGER, the entry that the entity was written for, and what to do; null for every other failure.',
      resolve: (row) => payloadOf(row, 'VAULT_FAILED').why ?? null,
    }),
  }),
});

builder.prismaObject('LedgerEntry', {
  variant: 'VaultDriftedEntry',
  description: 'Vault had something else than was confirmed of an agent; it is being repaired.',
  interfaces: [LedgerEntryInterface],
  fields: (t) => ({
    tier: t.field({
      type: TierEnum,
      description: 'The tier that Vault is to have.',
      resolve: (row) => payloadOf(row, 'VAULT_DRIFTED').tier,
    }),
    disabled: t.boolean({
      description: 'Whether the agent’s entity is to be disabled.',
      resolve: (row) => payloadOf(row, 'VAULT_DRIFTED').disabled,
    }),
    position: t.field({
      type: 'SafeInt',
      description: 'The entry that asked for what is to be there.',
      resolve: (row) => payloadOf(row, 'VAULT_DRIFTED').position,
    }),
    foundTier: t.field({
      type: TierEnum,
      nullable: true,
      description:
        'The tier that was found; null if there was no entity, or its policies were not exactly those of a tier.',
      resolve: (row) => payloadOf(row, 'VAULT_DRIFTED').found?.tier ?? null,
    }),
    foundDisabled: t.boolean({
      nullable: true,
      description: 'Whether the entity that was found was disabled; null if there was none.',
      resolve: (row) => payloadOf(row, 'VAULT_DRIFTED').found?.disabled ?? null,
    }),
  }),
});
