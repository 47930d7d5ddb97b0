import type { Delivery } from '../ports/deliveries.ts';
import type { WriteTransaction } from '../ports/store.ts';
import { PRIVILEGE_ENTRIES } from './privilege-entries.ts';

/**
 * Whether a newer entry asks for the agent of a delivery, read by the follower yet or not. The agent is then what that entry
 * made of it: what becomes of it in Vault is told by the delivery that the entry asks for, which knows its position.
 */
export async function isSuperseded(
  { deliveries }: WriteTransaction,
  { follower, key, entrySeq }: Pick<Delivery, 'follower' | 'key' | 'entrySeq'>,
): Promise<boolean> {
  const asked = (await deliveries.find(follower, [key])).get(key);
  if (asked !== undefined && asked.entrySeq > entrySeq) return true;
  return (await deliveries.unread(follower, PRIVILEGE_ENTRIES, [key])).has(key);
}
