import { execFileSync } from 'node:child_process';
import type { Limits } from '../../src/config/config.ts';
import { givenServer } from '../cli/given-cli.ts';
import { givenVariables, type Admitted } from './given-service.ts';

const ADMITTED: readonly Admitted[] = [
  { token: 'val', id: 'val', kind: 'person', roles: ['viewer'] },
  { token: 'otto', id: 'otto', kind: 'person', roles: ['auditor'] },
  { token: 'runner', id: 'runner', kind: 'service', roles: ['recorder'] },
];
const RECORD = `mutation ($input: RecordRunsInput!) { recordRuns(input: $input) { ... on RunsRecorded { recorded } } }`;

/** The product in a process of its own: `val` views, `runner` records. */
export async function givenProcess(limits: Partial<Limits>) {
  const { server, url } = await givenServer(givenVariables(ADMITTED, limits));
  const { pid = 0 } = server.process;
  return {
    url,
    /** Its resident memory, in megabytes. */
    resident: () => Number(execFileSync('ps', ['-o', 'rss=', '-p', `${pid}`]).toString()) / 1_024,
    /** How many subscriptions it has. */
    subscribers: async () => {
      const headers = { authorization: 'Bearer otto' };
      const metrics = await (await fetch(new URL('/metrics', url), { headers })).text();
      return Number(/^tierkeeper_subscribers (\d+)$/m.exec(metrics)?.[1]);
    },
    /** Records a batch of compliant runs without actions; gives how many. */
    record: async (batch: number, size: number): Promise<number> => {
      const at = new Date(Date.now() - 1_000).toISOString();
      const runs = Array.from({ length: size }, (_, index) => ({
        agentId: `agent-${index % 10}`,
        runId: `${batch}-${index}`,
        startedAt: at,
        finishedAt: at,
        actions: [],
      }));
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: 'Bearer runner', 'content-type': 'application/json' },
        body: JSON.stringify({ query: RECORD, variables: { input: { runs } } }),
      });
      const { data } = (await response.json()) as { data: { recordRuns: { recorded: number } } };
      return data.recordRuns.recorded;
    },
  };
}

/** A product in a process of its own. */
export type Served = Awaited<ReturnType<typeof givenProcess>>;
