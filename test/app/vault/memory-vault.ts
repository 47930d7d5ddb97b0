// Vault as far as the port goes, in memory: where only the rules are tested. Other tests use a real server.
import type { Vault, VaultEntity, VaultSurvey, VaultWish } from '../../../src/app/ports/vault.ts';
import { VaultError } from '../../../src/app/ports/vault-error.ts';
import type { Tier } from '../../../src/governance/tier.ts';

/** A Vault that does what it is asked, at once. */
export class MemoryVault implements Vault {
  readonly timeout = 200;
  readonly entities = new Map<string, Omit<VaultEntity, 'hasLogin'>>();
  /** Every write, in order. */
  readonly writes: string[] = [];
  /** Called before each write and read; what it throws is what the call throws. */
  onCall: (what: string, agentId: string) => Promise<void> = () => Promise.resolve();

  async entity(agentId: string): Promise<VaultEntity | null> {
    await this.onCall('entity', agentId);
    const entity = this.entities.get(agentId);
    return entity === undefined ? null : { ...entity, hasLogin: true };
  }

  async agents(): Promise<readonly string[]> {
    await this.onCall('agents', '');
    return [...this.entities.keys()];
  }

  async survey(): Promise<VaultSurvey> {
    return { agents: await this.agents(), entity: (agentId) => this.entity(agentId) };
  }

  async grant(agentId: string, wish: VaultWish): Promise<void> {
    await this.onCall('grant', agentId);
    this.#write(agentId, wish, this.entities.get(agentId)?.disabled ?? false);
  }

  async lower(agentId: string, wish: VaultWish): Promise<VaultEntity | null> {
    await this.onCall('lower', agentId);
    const before = this.entities.get(agentId);
    this.#write(agentId, wish, true);
    return before === undefined ? null : { ...before, hasLogin: true };
  }

  async enable(agentId: string, tier: Tier): Promise<void> {
    await this.onCall('enable', agentId);
    const nobody = { agentId, tier: null, policies: [], position: null };
    const entity = { ...(this.entities.get(agentId) ?? nobody), disabled: false };
    this.entities.set(agentId, entity);
    this.writes.push(`enable ${agentId}`);
    if (entity.tier !== tier) throw new VaultError('REFUSED', 'It has another tier.', true);
  }

  async destroySecretIds(agentId: string): Promise<number> {
    await this.onCall('destroySecretIds', agentId);
    this.writes.push(`destroySecretIds ${agentId}`);
    return 0;
  }

  async tokenSeconds(agentId: string): Promise<null> {
    await this.onCall('tokenSeconds', agentId);
    return null;
  }

  async capTokens(agentId: string): Promise<void> {
    await this.onCall('capTokens', agentId);
  }

  #write(agentId: string, { tier, position }: VaultWish, disabled: boolean): void {
    const policies = [`tierkeeper-tier-${tier.slice(1)}`];
    this.entities.set(agentId, { agentId, tier, policies, disabled, position });
    this.writes.push(`${tier}${disabled ? ' disabled' : ''} ${agentId}`);
  }
}
