import type { VAULT_STATUSES, VaultState, VaultStatus } from '../governance/vault/vault-state.ts';
import { AgentType } from './agent.ts';
import { builder } from './builder.ts';
import { PRICES } from './prices.ts';
import { described, TierEnum } from './enums.ts';

const VaultStatusEnum = described<VaultStatus>('VaultStatus', 'How an agent stands in Vault.', {
  CONFIRMED: 'Vault was read back to have its tier.',
  PENDING: 'Vault is yet to have it, or to be read back.',
  FAILED: 'Vault does not take it, and people must mend that: the newest VAULT_FAILED says why.',
  DRIFTED: 'Vault had something else; it is being repaired.',
  DISABLED: 'Vault grants it nothing: it is suspended, or was lowered a moment ago.',
  NOT_CONFIGURED: 'Tierkeeper is not configured with a Vault.',
} satisfies Record<(typeof VAULT_STATUSES)[number], string>);

const VaultStateType = builder.objectRef<VaultState>('VaultState').implement({
  description:
    'An agent in Vault. Leases that were handed out before a lowering end with their time; nothing new is granted.',
  fields: (t) => ({
    desired: t.expose('desired', { type: TierEnum, description: 'The tier that Vault is to have.' }),
    confirmed: t.expose('confirmed', {
      type: TierEnum,
      nullable: true,
      description: 'The tier that Vault was last read back to have; null if it never was.',
    }),
    state: t.expose('state', { type: VaultStatusEnum, description: 'How it stands.' }),
    since: t.expose('since', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when; null without Vault.',
    }),
  }),
});

builder.prismaObjectFields(AgentType, (t) => ({
  vault: t.field({
    type: VaultStateType,
    nullable: true,
    description: 'How it stands in Vault; never null here.',
    complexity: PRICES.vault,
    resolve: ({ agentId }, _args, { load }) => load.vault.load(agentId),
  }),
}));
