import { textOf, textsOf } from './answers.ts';
import type { FoundEntity } from './found-entity.ts';
import type { Calls } from './vault-client.ts';

const MOST_GROUPS = 32;

/** A group that gives whoever is in it policies. */
export interface GivingGroup {
  readonly name: string;
  readonly policies: readonly string[];
}

/**
 * The groups that give entities policies, 32 at most by name. One that is gone by now gives nothing.
 * @throws VaultError
 */
export async function groupsOf(
  calls: Calls,
  entities: readonly FoundEntity[],
): Promise<readonly GivingGroup[]> {
  const ids = [...new Set(entities.flatMap(({ groupIds }) => groupIds))];
  const read = ids.slice(0, MOST_GROUPS).map(async (id) => {
    const data = await calls.read(['identity', 'group', 'id', id]);
    if (data === null) return null;
    return { name: textOf(data.name, 'name'), policies: textsOf(data.policies, 'policies') };
  });
  const groups = (await Promise.all(read)).filter((group) => group !== null);
  const rest = ids.length - MOST_GROUPS;
  if (rest > 0) return [...groups, { name: `${rest} more`, policies: ['unread'] }];
  return groups.filter(({ policies }) => policies.length > 0);
}
