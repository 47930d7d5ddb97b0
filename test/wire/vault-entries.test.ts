import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openService, type Service } from '../../src/compose/service.ts';
import { loadConfig } from '../../src/config/config.ts';
import { eventually, toldOf } from '../app/vault/given-followed.ts';
import { Answer } from '../graphql/ask.ts';
import { givenVault, type GivenVault } from '../support/fake-vault/given-vault.ts';
import { givenEligible, promote } from '../support/given-agent.ts';
import { revoke } from '../support/given-authority.ts';
import { ANN } from '../support/given-principal.ts';
import { tempFolder } from '../support/temp-folder.ts';

// A lowering takes longer than a request may take.
vi.setConfig({ testTimeout: 60_000 });

const PEOPLE = ['viewer', 'recorder', 'reviewer', 'admin', 'auditor'];
const PRINCIPALS = [
  ...PEOPLE.map((role) => ({ token: role, id: role, kind: 'person', roles: [role] })),
  { token: 'limited', id: 'limited', kind: 'person', roles: ['admin'], agents: ['payments-*'] },
  { token: 'eve', id: 'eve', kind: 'agent', roles: ['viewer'] },
  { token: 'adam', id: 'adam', kind: 'agent', roles: ['viewer'] },
];

const FIELDS = `totalCount nodes { __typename id seq type at recordedAt agentId actor { id kind } agent { agentId }
  ... on VaultConfirmedEntry { tier disabled position }
  ... on VaultFailedEntry { tier disabled position failure }
  ... on VaultDriftedEntry { tier disabled position foundTier foundDisabled } }`;
const FILTER =
  '(direction: ASC, first: 10, filter: { types: [VAULT_CONFIRMED, VAULT_FAILED, VAULT_DRIFTED] })';
const LEDGER = `{ ledger${FILTER} { ${FIELDS} } }`;
const HISTORY = `{ agent(agentId: "eve") { history${FILTER} { ${FIELDS} } } }`;

/** Opens a server on a free port, on a database that outlives it, whose Vault follows. */
async function served(vault: GivenVault, folder: string): Promise<{ service: Service; url: string }> {
  const TIERKEEPER_TOKENS_FILE = join(folder, 'tokens.json');
  writeFileSync(TIERKEEPER_TOKENS_FILE, JSON.stringify(PRINCIPALS));
  const config = loadConfig({
    DATABASE_URL: `file:${join(folder, 'tierkeeper.db')}`,
    PORT: '0',
    LOG_LEVEL: 'silent',
    TIERKEEPER_TOKENS_FILE,
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.rootToken,
  });
  const service = await openService(config, { operator: { id: 'operator:test', kind: 'PERSON' } });
  onTestFinished(() => service.close());
  return { service, url: (await service.listen()).url };
}

async function ask(url: string, token: string, query: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return new Answer((await response.json()) as ConstructorParameters<typeof Answer>[0]);
}

/** Somebody whom Vault first denied, then took, and changed twice while nobody looked. */
async function givenToldStory() {
  const [vault, folder] = [await givenVault(), tempFolder()];
  const told = (app: Service['engine']['app'], entries: number) =>
    eventually(async () => {
      expect(await toldOf(app, 'eve')).toHaveLength(entries);
    });
  const first = await served(vault, folder);
  vault.meets(() => 'DENIED_403');
  const { app } = first.service.engine;
  await givenEligible(app);
  await told(app, 1);
  vault.heals();
  await told(app, 2);
  await promote(app, ANN, 'eve');
  await told(app, 3);
  await first.service.close();
  const entity = vault.state().entities.get('agent-eve');
  if (entity !== undefined) entity.policies = ['tierkeeper-tier-3'];
  const second = await served(vault, folder);
  await told(second.service.engine.app, 5);
  await revoke(second.service.engine.app);
  await told(second.service.engine.app, 6);
  await second.service.close();
  vault.state().entities.delete('agent-eve');
  const third = await served(vault, folder);
  await told(third.service.engine.app, 8);
  return { url: third.url, app: third.service.engine.app };
}

test('what became of an agent in Vault is read by everybody who sees it, with all that the ledger says', async () => {
  const { url, app } = await givenToldStory();
  const changes = await app.store.reader.entriesAfter(0, 1_000);
  const seqOf = (type: string) => changes.find((entry) => entry.type === type)?.seq;
  const [registered, promoted, revoked] = ['AGENT_REGISTERED', 'AGENT_PROMOTED', 'AGENT_REVOKED'].map(seqOf);
  const common = { agentId: 'eve', agent: { agentId: 'eve' }, actor: { id: 'system:vault', kind: 'SYSTEM' } };
  const confirmed = { ...common, __typename: 'VaultConfirmedEntry', type: 'VAULT_CONFIRMED' };
  const drifted = { ...common, __typename: 'VaultDriftedEntry', type: 'VAULT_DRIFTED' };
  const expected = [
    {
      ...common,
      __typename: 'VaultFailedEntry',
      type: 'VAULT_FAILED',
      failure: 'DENIED',
      tier: 'T0',
      disabled: false,
      position: registered,
    },
    { ...confirmed, tier: 'T0', disabled: false, position: registered },
    { ...confirmed, tier: 'T1', disabled: false, position: promoted },
    { ...drifted, tier: 'T1', disabled: false, position: promoted, foundTier: 'T3', foundDisabled: false },
    { ...confirmed, tier: 'T1', disabled: false, position: promoted },
    { ...confirmed, tier: 'T1', disabled: true, position: revoked },
    { ...drifted, tier: 'T1', disabled: true, position: revoked, foundTier: null, foundDisabled: null },
    { ...confirmed, tier: 'T1', disabled: true, position: revoked },
  ];
  const stored = changes.filter(({ type }) => type.startsWith('VAULT_'));
  const whole = expected.map((entry, index) => ({
    ...entry,
    id: expect.any(String) as unknown,
    seq: stored[index]?.seq,
    at: new Date(stored[index]?.at ?? 0).toISOString(),
    recordedAt: new Date(stored[index]?.recordedAt ?? 0).toISOString(),
  }));
  const list = { totalCount: expected.length, nodes: whole };
  for (const who of [...PEOPLE, 'eve']) {
    expect((await ask(url, who, LEDGER)).data, who).toEqual({ ledger: list });
    expect((await ask(url, who, HISTORY)).data, who).toEqual({ agent: { history: list } });
  }
  for (const who of ['limited', 'adam']) {
    expect((await ask(url, who, LEDGER)).data, who).toEqual({ ledger: { totalCount: 0, nodes: [] } });
    expect((await ask(url, who, HISTORY)).data, who).toEqual({ agent: null });
  }
  expect((await ask(url, 'nobody', LEDGER)).codes).toEqual(['UNAUTHENTICATED']);
});
