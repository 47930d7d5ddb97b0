import { existsSync } from 'node:fs';
import { openLedgerArchive } from '../adapters/sqlite/ledger-archive.ts';
import { readPolicyFile } from '../adapters/system/read-policy-file.ts';
import { checkPolicy, type PolicyCheck } from '../app/standing/check-policy.ts';
import { previewAdoption, type AdoptionPreview, type NamedPolicy } from '../app/standing/preview-adoption.ts';
import { believedTime } from './time.ts';
import { nearest } from '../config/environment.ts';
import type { Config } from '../config/config.ts';
import { databaseFileOf } from '../config/database-file.ts';
import { baseline } from '../governance/policies/baseline.ts';

/**
 * Tells what adopting the configured policy would change in the database of a configuration, beside whoever uses it.
 * @throws PolicyFileError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function previewConfigured(config: Config): Promise<AdoptionPreview> {
  const policy = config.policyFile === null ? baseline : readPolicyFile(config.policyFile);
  const archive = openLedgerArchive(databaseFileOf(config));
  return previewAdoption(archive, policy, await believedTime(archive));
}

/** A valid policy, and what the ledger's past says of it; null where there is no database. */
export interface CheckedPolicy {
  readonly policy: NamedPolicy;
  readonly ledger: (PolicyCheck & { readonly file: string }) | null;
}

/**
 * Checks a policy file, and holds it against the ledger of a configuration if there is one.
 * @throws PolicyFileError, MigrationError, StorageBusyError, StorageUnavailableError
 */
export async function checkPolicyFile(config: Config, path: string): Promise<CheckedPolicy> {
  const policy = readPolicyFile(path);
  const { name, digest } = policy;
  const file = databaseFileOf(config);
  if (!existsSync(file)) return { policy: { name, digest }, ledger: null };
  const archive = openLedgerArchive(file);
  const wishes = { now: await believedTime(archive), nearest };
  const found = await checkPolicy(archive, policy, wishes);
  return { policy: { name, digest }, ledger: { file, ...found } };
}
