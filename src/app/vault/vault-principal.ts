/** Who appends what became of agents in Vault. */
export const VAULT_PRINCIPAL = { id: 'system:vault', kind: 'SYSTEM' } as const;
