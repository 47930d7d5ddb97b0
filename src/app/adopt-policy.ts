import { canonicalText } from '../governance/digest.ts';
import { policyData, type Policy } from '../governance/policy.ts';
import type { Principal } from '../governance/principal.ts';
import type { App } from './ports.ts';

/** The database is governed by another policy than the one that was configured. */
export class PolicyMismatchError extends Error {
  override readonly name = 'PolicyMismatchError';
}

/**
 * Makes sure that the configured policy is the one in force; a fresh database adopts it at once.
 * @throws PolicyMismatchError if another one is in force.
 */
export async function adoptPolicy(
  app: App,
  policy: Policy,
  operator: Pick<Principal, 'id' | 'kind'>,
): Promise<void> {
  const inForce = (await app.store.reader.head()).policyDigest;
  if (inForce === policy.digest) return;
  if (inForce !== null) throw await mismatch(app, policy, inForce);
  await app.store.write(async (tx) => {
    if ((await tx.head()).policyDigest !== null) return;
    const actor = await tx.actorKey(operator);
    const { digest, name } = policy;
    tx.insert('policies', { digest, name, body: canonicalText(policyData(policy)), adoptedAt: tx.now });
    tx.adoptPolicy(digest);
    const payload = { policy: digest, previous: null };
    tx.append({ type: 'POLICY_ADOPTED', at: tx.now, agentId: null, actor, payload });
  });
  const now = (await app.store.reader.head()).policyDigest;
  if (now !== policy.digest) throw await mismatch(app, policy, now ?? '');
}

async function mismatch(app: App, policy: Policy, inForce: string): Promise<PolicyMismatchError> {
  const name = (await app.store.reader.policy(inForce))?.name ?? 'unknown';
  return new PolicyMismatchError(
    `The policy in force is ${name} (${inForce.slice(0, 12)}), but ${policy.name} (${policy.digest.slice(0, 12)}) is configured. ` +
      'Configure the policy in force again.',
  );
}
