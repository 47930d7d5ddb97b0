import { SERVER_ROLE, VAULT_MOUNT } from '../../governance/vault/vault-names.ts';
import { isSameRole, type VaultProvisioner } from '../ports/vault-provisioner.ts';
import { SERVER_ROLE_SETTINGS } from './roles.ts';
import { VaultError } from '../ports/vault-error.ts';

/** Something in Vault, and what setting up makes of it. */
export interface VaultChange {
  readonly what: 'POLICY' | 'MOUNT' | 'ROLE';
  readonly name: string;
  readonly change: 'CREATE' | 'UPDATE' | 'NONE';
  /** As it was, in words or as a policy's text; null if there was nothing. */
  readonly before: string | null;
  readonly after: string;
}

/** What setting up did, or would do. */
export interface VaultSetUp {
  readonly dryRun: boolean;
  readonly changes: readonly VaultChange[];
}

interface Step extends VaultChange {
  readonly apply: () => Promise<void>;
}

/**
 * Makes policies, the mount that agents log in at and the server's role what they are to be. What is so already is left alone.
 * @throws VaultError
 */
export async function setUpVault(
  provisioner: VaultProvisioner,
  policies: ReadonlyMap<string, string>,
  { dryRun }: { readonly dryRun: boolean },
): Promise<VaultSetUp> {
  const steps: Step[] = [];
  for (const [name, text] of policies) steps.push(await policyStep(provisioner, name, text));
  steps.push(await mountStep(provisioner), await roleStep(provisioner));
  if (!dryRun) for (const { change, apply } of steps) if (change !== 'NONE') await apply();
  return { dryRun, changes: steps.map(({ apply: _, ...change }) => change) };
}

async function policyStep(provisioner: VaultProvisioner, name: string, after: string): Promise<Step> {
  const before = await provisioner.policy(name);
  const apply = () => provisioner.writePolicy(name, after);
  return { what: 'POLICY', name, change: changeOf(before, before === after), before, after, apply };
}

async function mountStep(provisioner: VaultProvisioner): Promise<Step> {
  const before = (await provisioner.mount())?.type ?? null;
  if (before !== null && before !== 'approle')
    throw new VaultError(
      'REFUSED',
      `auth/${VAULT_MOUNT}/ is mounted as ${before}, and is needed for approle`,
      false,
    );
  const apply = () => provisioner.enableMount();
  const change = changeOf(before, true);
  return { what: 'MOUNT', name: VAULT_MOUNT, change, before, after: 'approle', apply };
}

async function roleStep(provisioner: VaultProvisioner): Promise<Step> {
  const role = await provisioner.role(SERVER_ROLE);
  const [before, after] = [role, SERVER_ROLE_SETTINGS].map((each) => each && JSON.stringify(each, null, 2));
  const apply = () => provisioner.writeRole(SERVER_ROLE, SERVER_ROLE_SETTINGS);
  const change = changeOf(role, isSameRole(role, SERVER_ROLE_SETTINGS));
  return { what: 'ROLE', name: SERVER_ROLE, change, before: before ?? null, after: after ?? '', apply };
}

function changeOf(before: unknown, isSame: boolean): VaultChange['change'] {
  if (before === null) return 'CREATE';
  return isSame ? 'NONE' : 'UPDATE';
}
