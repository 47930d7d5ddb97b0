import type { VaultEntity } from '../../app/ports/vault.ts';
import { VaultError } from '../../app/ports/vault-error.ts';
import type { Misplacement } from '../../governance/vault/vault-plan.ts';
import { agentOfVaultName, VAULT_MOUNT } from '../../governance/vault/vault-names.ts';
import { fieldsOf, textOf } from './answers.ts';
import { entityIdPath, entityOf, entityPath, isEntityOf, isNamed, type FoundEntity } from './found-entity.ts';
import { groupsOf, type GivingGroup } from './giving-groups.ts';
import { readRole, roleFlaw, type FoundRole } from './found-role.ts';
import type { ListedEntities } from './listed-entities.ts';
import type { VaultPath } from './requests.ts';
import type { Calls } from './vault-client.ts';

/** The entities that an agent acts as. */
export interface FoundEntities {
  readonly agentId: string;
  /** Null without one. */
  readonly role: FoundRole | null;
  /** The agent's own: the one that its tier policy is written to. */
  readonly own: FoundEntity | null;
  /** Others that it acts as, by an alias that leads there or by its name. */
  readonly others: readonly FoundEntity[];
  readonly groups: readonly GivingGroup[];
  /** Where its own entity is, or is to be made. */
  readonly path: VaultPath;
  /** Why not all of it was looked at. */
  readonly problem: VaultError | null;
}

/** After so many surveys the role of an agent is read again. */
const SURVEYS_A_ROLE = 20;

/** Finds the entities that agents act as: by the alias that their role logs in with, and by their name. */
export class EntityFinder {
  #accessor: string | null = null;
  /** The entity that was each agent's own when it was last looked for. */
  readonly #ids = new Map<string, string>();
  /** The role id of each agent as it was last read, and at which survey that was. */
  readonly #roles = new Map<string, { readonly roleId: string | null; readonly survey: number }>();
  #survey = 0;
  #strangers: ReadonlySet<string> = new Set();

  /**
   * The entities of an agent; `known` is its role where it was read a moment ago.
   * @throws VaultError
   */
  async find(calls: Calls, agentId: string, known?: FoundRole | null): Promise<FoundEntities> {
    const found = await this.findToLower(calls, agentId, known);
    if (found.problem !== null) throw found.problem;
    return found;
  }

  /**
   * A new list of all entities. A role that is made anew has a new id, with which somebody can log in as an entity that is no
   * agent's: then all roles are read again.
   */
  listed(entities: ListedEntities): void {
    this.#survey += 1;
    const strangers = entities.strangers((name) => agentOfVaultName(name) !== null);
    if (strangers.some((roleId) => !this.#strangers.has(roleId))) this.#roles.clear();
    this.#strangers = new Set(strangers);
  }

  /**
   * The same with two reads, of the entity and of its role, where a list of all entities shows that nothing but that role leads to
   * the entity, as when the agent was last looked for.
   * @throws VaultError
   */
  async findListed(calls: Calls, agentId: string, entities: ListedEntities): Promise<FoundEntities> {
    const [own, role] = await this.#straight(calls, agentId, entities);
    if (own === null) return this.find(calls, agentId);
    const groups = await groupsOf(calls, [own]);
    return { agentId, role, own, groups, others: [], path: entityPath(agentId), problem: null };
  }

  async #straight(
    calls: Calls,
    agentId: string,
    entities: ListedEntities,
  ): Promise<readonly [FoundEntity | null, FoundRole | null]> {
    const [listed, known] = [entities.of(agentId), this.#roles.get(agentId)];
    const isKnown = known !== undefined && known.survey + SURVEYS_A_ROLE > this.#survey;
    if (listed === null || !isKnown || listed.id !== this.#ids.get(agentId)) return [null, null];
    const { roleId } = known;
    const isOnly = ({ roleIds, otherMounts }: Pick<FoundEntity, 'roleIds' | 'otherMounts'>) =>
      roleIds.length === (roleId === null ? 0 : 1) &&
      roleIds.every((each) => each === roleId) &&
      otherMounts.length === 0;
    if (!isOnly(listed)) return [null, null];
    const [entity, role] = await Promise.all([
      calls.read(entityIdPath(listed.id)).then(entityOf),
      roleId === null ? null : readRole(calls, agentId, roleId),
    ]);
    const isSame = entity !== null && isNamed(entity.name, agentId) && isOnly(entity);
    return isSame && (role === null) === (roleId === null) ? [entity, role] : [null, null];
  }

  /** The same, as far as it can be found: what lowers goes on with what there is. */
  async findToLower(calls: Calls, agentId: string, known?: FoundRole | null): Promise<FoundEntities> {
    const path = entityPath(agentId);
    const [named, login] = await Promise.all([
      calls.read(path).then((data) => checkedName(entityOf(data), agentId)),
      this.#login(calls, agentId, known).catch(problemOf),
    ]);
    const problem = login instanceof VaultError ? login : null;
    const { role, entity } = login instanceof VaultError ? { role: null, entity: null } : login;
    const all = [entity, named].filter((each) => each !== null);
    const linked = all.filter((each, index) => all.findIndex(({ id }) => id === each.id) === index);
    const distinct = [...linked, ...(await this.#lost(calls, agentId, linked))];
    const own = distinct.find((each) => isEntityOf(each, agentId)) ?? null;
    if (own === null) this.#ids.delete(agentId);
    else this.#ids.set(agentId, own.id);
    if (problem === null) this.#roles.set(agentId, { roleId: role?.roleId ?? null, survey: this.#survey });
    const others = distinct.filter((each) => each !== own);
    const groups = problem === null ? await groupsOf(calls, distinct).catch(problemOf) : [];
    return {
      agentId,
      role,
      own,
      others,
      groups: groups instanceof VaultError ? [] : groups,
      path: own === null || isNamed(own.name, agentId) ? path : entityIdPath(own.id),
      problem: groups instanceof VaultError ? groups : problem,
    };
  }

  /** All that an agent acts as, as one; null if there is nothing. */
  view(found: FoundEntities): VaultEntity | null {
    const { agentId, role, own, others, groups } = found;
    const roleId = role?.roleId ?? null;
    const all = own === null ? others : [own].concat(others);
    const [first] = all;
    if (first === undefined) return null;
    const misplaced = misplacement(found);
    const given = [...all, ...groups, ...(role === null ? [] : [role])].flatMap(({ policies }) => policies);
    return {
      agentId,
      policies: [...new Set(given)],
      tier: misplaced?.givesMore === true ? null : first.tier,
      disabled: all.every(({ disabled }) => disabled),
      position: own?.position ?? null,
      hasLogin: all.some(({ roleIds }) => (roleId === null ? roleIds.length > 0 : roleIds.includes(roleId))),
      misplaced,
    };
  }

  /** What was the agent's own and is reached by neither name nor alias any more: tokens that are out still belong to it. */
  async #lost(
    calls: Calls,
    agentId: string,
    linked: readonly FoundEntity[],
  ): Promise<readonly FoundEntity[]> {
    const id = this.#ids.get(agentId);
    if (id === undefined || linked.some((each) => each.id === id)) return [];
    const entity = entityOf(await calls.read(entityIdPath(id)));
    return entity?.agent === agentId ? [entity] : [];
  }

  async #login(
    calls: Calls,
    agentId: string,
    known?: FoundRole | null,
  ): Promise<{ readonly role: FoundRole | null; readonly entity: FoundEntity | null }> {
    const role = known === undefined ? await readRole(calls, agentId) : known;
    if (role === null) return { role, entity: null };
    const { roleId } = role;
    const before = this.#accessor;
    const entity = before === null ? null : await lookUp(calls, roleId, before);
    if (entity !== null) return { role, entity };
    this.#accessor = await accessorOf(calls);
    if (this.#accessor === null || this.#accessor === before) return { role, entity: null };
    return { role, entity: await lookUp(calls, roleId, this.#accessor) };
  }
}

/** What keeps entities from being an agent's own and nothing else. */
export function misplacement(found: FoundEntities): Misplacement | null {
  const { agentId, role, own, others, groups } = found;
  const [other] = others;
  if (other !== undefined)
    return more(
      other.roleIds.includes(role?.roleId ?? '')
        ? `The role of ${agentId} logs in as the entity ${quoted(other)}, which is not its own. Move its alias back in Vault.`
        : `The entity ${quoted(other)} has the name of ${agentId}, whose role logs in as another one. Rename or delete it in Vault.`,
    );
  if (own === null) return null;
  const [mount] = own.otherMounts;
  if (mount !== undefined)
    return more(
      `Whoever logs in by ${mount} can act as the entity of ${agentId}, ${quoted(own)}. Delete that alias in Vault.`,
    );
  if (own.roleIds.some((each) => each !== role?.roleId))
    return more(
      `Another role than that of ${agentId} logs in as its entity ${quoted(own)}. Delete that alias in Vault.`,
    );
  if (groups.length > 0) {
    const named = groups.map((group) => `${quoted(group)} (${group.policies.join(', ')})`).join(', ');
    return more(
      `The entity of ${agentId} gets policies from groups: ${named}. Take it out of them in Vault.`,
    );
  }
  const flaw = roleFlaw(role, agentId);
  if (flaw !== null || isNamed(own.name, agentId)) return flaw;
  return {
    why: `The entity of ${agentId} was renamed to ${quoted(own)}. Rename it back in Vault.`,
    givesMore: false,
  };
}

function more(why: string): Misplacement {
  return { why, givesMore: true };
}

function quoted({ name }: { readonly name: string }): string {
  return JSON.stringify(name.slice(0, 100));
}

async function lookUp(calls: Calls, roleId: string, accessor: string): Promise<FoundEntity | null> {
  const alias = { alias_name: roleId, alias_mount_accessor: accessor };
  return entityOf(await calls.lookUp(['identity', 'lookup', 'entity'], alias));
}

async function accessorOf(calls: Calls): Promise<string | null> {
  const mounts = fieldsOf(await calls.read(['sys', 'auth']), 'data');
  const mount = mounts[`${VAULT_MOUNT}/`];
  return mount === undefined ? null : textOf(fieldsOf(mount, 'the mount').accessor, 'accessor');
}

function checkedName(entity: FoundEntity | null, agentId: string): FoundEntity | null {
  if (entity === null || isNamed(entity.name, agentId)) return entity;
  throw new VaultError('NOT_VAULT', `Vault answered with another entity than that of ${agentId}`, true);
}

/** Told with what is to be done where a right is missing. */
function problemOf(error: unknown): VaultError {
  if (!(error instanceof VaultError)) throw error;
  if (error.kind !== 'DENIED') return error;
  const message = `${error.message}. To find agents by what they log in with, Tierkeeper's policies in Vault need new rights: run tierkeeper vault setup again`;
  return new VaultError('DENIED', message, false);
}
