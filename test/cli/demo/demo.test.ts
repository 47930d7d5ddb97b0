import { expect, it } from 'vitest';
import { givenRun, record } from '../../support/given-runs.ts';
import { givenDatabase, printed, starting, tierkeeper } from '../given-cli.ts';
import { piped } from '../in-this-process.ts';

it('shows an agent become eligible and, once it is promoted by the command it prints, earn the next tier', async () => {
  const database = await givenDatabase();
  const demo = starting(['demo'], { ...database, PORT: '0' });
  const [, url = '', token = '', agent = ''] = await printed(
    demo,
    /has earned T1\n.*\n +TIERKEEPER_URL=(\S+) TIERKEEPER_TOKEN=(\S+) npm run -s tierkeeper -- promote (\S+)\n/,
  );
  const next = printed(
    demo,
    new RegExp(`✓ ${agent} is at T1 now, by local-reviewer[^]*▲ ${agent} has earned T2`),
  );
  const { code } = await piped(['promote', agent], { TIERKEEPER_URL: url, TIERKEEPER_TOKEN: token });
  expect(code).toBe(0);
  await next;
  demo.process.kill('SIGINT');
  const { code: ended, stderr } = await demo.ended;
  expect([ended, stderr]).toEqual([0, '']);
  const { json } = await piped(
    ['graphql'],
    database,
    'query { ledger(filter: { types: [VIOLATION_REPORTED] }) { totalCount } }',
  );
  expect(json()).not.toMatchObject({ data: { ledger: { totalCount: 0 } } });
});

it('does not put simulated agents among others', async () => {
  const database = await givenDatabase((app) => record(app, [givenRun(app.clock.now())]));
  const { code, stderr } = await tierkeeper(['demo'], { ...database, PORT: '0' });
  expect(stderr).toContain('The database holds eve, which is no agent of the demonstration.');
  expect(code).toBe(2);
});
