import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Clock } from '../../app/ports/world.ts';
import type { Vault } from '../../app/ports/vault.ts';
import type { VaultProvisioner } from '../../app/ports/vault-provisioner.ts';
import { decodedText, NotTextError } from '../../governance/decoded-text.ts';
import { VaultCertificateError } from './vault-certificate-error.ts';
import { VaultClient, type VaultPlace } from './vault-client.ts';
import { VaultEntities } from './vault-entities.ts';
import { VaultProvisioning } from './vault-provisioning.ts';

/** Where a Vault is; `caFile` holds the certificates to trust instead of the usual ones. */
export interface VaultSettings extends Omit<VaultPlace, 'ca'> {
  readonly caFile: string | null;
}

/** The time, and how long one call may take in milliseconds. */
export interface OpenVaultOptions {
  readonly clock: Clock;
  readonly timeout?: number;
}

const TIMEOUT = 2_000;

/**
 * Agents' entities in a Vault. Nothing is asked of it before the first call.
 * @throws VaultCertificateError
 */
export function openVault(settings: VaultSettings, options: OpenVaultOptions): Vault & { close(): void } {
  const client = clientOf(settings, options);
  return Object.assign(new VaultEntities(client), { close: () => client.close() });
}

/**
 * The same with what sets it up.
 * @throws VaultCertificateError
 */
export function openVaultProvisioning(
  settings: VaultSettings,
  options: OpenVaultOptions,
): { readonly vault: Vault; readonly provisioner: VaultProvisioner; close(): void } {
  const client = clientOf(settings, options);
  const close = () => client.close();
  return { vault: new VaultEntities(client), provisioner: new VaultProvisioning(client), close };
}

function clientOf(
  { caFile, ...place }: VaultSettings,
  { clock, timeout = TIMEOUT }: OpenVaultOptions,
): VaultClient {
  return new VaultClient(
    { ...place, ca: caFile === null ? null : certificatesIn(caFile) },
    { clock, timeout },
  );
}

function certificatesIn(file: string): string {
  let pem: string;
  try {
    pem = decodedText(readFileSync(file));
  } catch (cause) {
    if (cause instanceof NotTextError)
      throw new VaultCertificateError(`The file that VAULT_CACERT names ${cause.message}.`, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new VaultCertificateError(`The file that VAULT_CACERT names can't be read (${code}).`, { cause });
  }
  try {
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate');
    createSecureContext({ ca: pem });
    return pem;
  } catch {
    throw new VaultCertificateError('The file that VAULT_CACERT names holds no certificates in PEM.');
  }
}
