/** How an AppRole role lets in, and with what; durations are seconds. */
export interface VaultRole {
  readonly policies: readonly string[];
  readonly noDefaultPolicy: boolean;
  readonly tokenType: string;
  readonly tokenTtl: number;
  readonly tokenMaxTtl: number;
  readonly bindSecretId: boolean;
  readonly secretIdTtl: number;
}

/** Whether two roles let in alike. */
export function isSameRole(role: VaultRole | null, other: VaultRole): boolean {
  if (role === null) return false;
  const { policies, ...rest } = other;
  const isSame = Object.entries(rest).every(([name, value]) => role[name as keyof typeof rest] === value);
  return (
    isSame &&
    role.policies.length === policies.length &&
    policies.every((each) => role.policies.includes(each))
  );
}

/** A secret id in its wrapping: whoever unwraps it first has it, and nobody after them. */
export interface WrappedSecretId {
  readonly wrappingToken: string;
  readonly ttlSeconds: number;
}

/** Vault as far as it is set up and agents are enrolled. Like `Vault` it throws a VaultError. */
export interface VaultProvisioner {
  /** The text of a policy, or null. */
  policy(name: string): Promise<string | null>;
  writePolicy(name: string, text: string): Promise<void>;
  /** What is mounted where agents log in, or null. */
  mount(): Promise<{ readonly type: string; readonly accessor: string } | null>;
  enableMount(): Promise<void>;
  role(name: string): Promise<VaultRole | null>;
  writeRole(name: string, role: VaultRole): Promise<void>;
  /** The id that a role logs in by. */
  roleId(name: string): Promise<string>;
  /** Makes whoever logs in by a role id the entity of an agent, which must exist. */
  link(agentId: string, login: { readonly roleId: string; readonly accessor: string }): Promise<void>;
  issueSecretId(name: string, wrapSeconds: number): Promise<WrappedSecretId>;
}
