import { it } from 'vitest';
import { givenRun, record } from '../support/given-runs.ts';
import { givenDatabase, tell } from './given-cli.ts';
import { start } from '../support/process.ts';
const runOf = (agentId: string) => (app: Parameters<Parameters<typeof tell>[1]>[0]) =>
  record(app, [givenRun(app.clock.now(), { agentId })]);
it('x', async () => {
    const database = await givenDatabase(runOf('before'));
    const t = performance.now(); let n = 0; let done = false;
    console.log(new Date().toISOString());
    const el = start(['sh', '-c', 'date -Ins; node dist/main.js eligible; date -Ins'], database).ended.then((r) => { done = true; console.log('eligible', new Date().toISOString(), r.code, r.stderr, r.stdout); });
    while (!done && performance.now() - t < 15_000) { await tell(database, runOf('alpha')); n++; if (process.env.YIELD) await new Promise((r) => setTimeout(r, 1)); }
    console.log(n, performance.now() - t);
    await el;
});
