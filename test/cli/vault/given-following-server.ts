// A real server process whose Vault is the tests' own, another company's server as far as it knows.
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { eventually } from '../../app/vault/given-followed.ts';
import { Answer } from '../../graphql/ask.ts';
import type { GivenVault } from '../../support/fake-vault/given-vault.ts';
import { givenTokens, printed, starting, type Variables } from '../given-cli.ts';

/** A line of a server's log. */
export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

const PROMOTE = `mutation ($agentId: String!, $key: String!) {
  result: promoteAgent(input: { agentId: $agentId, idempotencyKey: $key, rationale: "Worked carefully for months." }) {
    __typename ... on AgentPromoted { agent { tier permits } } ... on UserError { code message } } }`;
const REVOKE = `mutation ($agentId: String!, $key: String!, $toTier: Tier) {
  result: revokeAgent(input: { agentId: $agentId, idempotencyKey: $key, toTier: $toTier, reason: "Went astray." }) {
    __typename ... on AgentRevoked { agent { tier vault { state desired confirmed } } } ... on UserError { code message } } }`;
const VAULT = `query ($agentId: String!) { agent(agentId: $agentId) { tier vault { desired confirmed state } } }`;

/** Waits until something holds of a server, which is not kept busy with that. */
export function served<T>(holds: () => Promise<T>, timeout = 60_000): Promise<T> {
  return eventually(holds, timeout, 250);
}

/** How an agent stands. */
interface Standing {
  readonly tier: string;
  readonly vault: { readonly desired: string; readonly confirmed: string | null; readonly state: string };
}

/** Starts a server that a Vault follows; `token` is what it asks Vault with. */
export async function givenFollowingServer(
  vault: GivenVault,
  variables: Variables,
  token: string = vault.rootToken,
) {
  const log: LogLine[] = [];
  const server = starting(['serve'], {
    ...givenTokens(),
    ...variables,
    PORT: '0',
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: token,
  });
  createInterface({ input: server.process.stderr ?? ([] as never) }).on('line', (line) => {
    const told = JSON.parse(line) as LogLine;
    // The tokens of these tests are weak, which is said at every start.
    if (!('ids' in told)) log.push(told);
  });
  const [, url = ''] = await printed(server, /listens on (\S+)/);
  const ask = async (query: string, values: object = {}, as = 't-ann') => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` },
      body: JSON.stringify({ query, variables: values }),
    });
    return new Answer((await response.json()) as ConstructorParameters<typeof Answer>[0]);
  };
  const get = async (path: string) => {
    const response = await fetch(new URL(path, url), { headers: { authorization: 'Bearer t-ada' } });
    return { status: response.status, body: await response.text() };
  };
  return {
    ...server,
    ask,
    /** What it has logged until now. */
    log: log as readonly LogLine[],
    promote: async (agentId: string) => (await ask(PROMOTE, { agentId, key: randomUUID() })).one('result'),
    revoke: async (agentId: string, toTier: string) =>
      (await ask(REVOKE, { agentId, key: randomUUID(), toTier })).one('result'),
    standing: async (agentId: string) => (await ask(VAULT, { agentId }, 't-runner')).one('agent') as Standing,
    /** What `/readyz` answers, and tells of Vault. */
    ready: async () => {
      const { status, body } = await get('/readyz');
      const { checks } = JSON.parse(body) as {
        readonly checks: {
          readonly followers?: { readonly vault?: Readonly<Record<string, unknown>> };
          readonly comparison?: string;
        };
      };
      return { status, vault: checks.followers?.vault, comparison: checks.comparison };
    },
    /** A metric of the follower. */
    metric: async (name: string) => {
      const { body } = await get('/metrics');
      return Number(
        new RegExp(`^tierkeeper_follower_${name}\\{follower="vault"\\} (.+)$`, 'm').exec(body)?.[1],
      );
    },
  };
}

/** A server under test. */
export type FollowingServer = Awaited<ReturnType<typeof givenFollowingServer>>;
