import { describe, expect, it } from 'vitest';
import { givenDatabase, givenServer, givenTokens, printed, starting } from './given-cli.ts';
import { piped } from './in-this-process.ts';

const STARTED =
  /listens on (\S+)\n[^]*local-viewer +([0-9a-f]{32})\n +local-recorder +\S+\n +local-reviewer +\S+\n +local-admin +\S+\n +local-auditor +[0-9a-f]{32}\n/;

describe('a server', () => {
  it('says where it listens, with a token per role, and ends with 0 on SIGINT', async () => {
    const server = starting(['serve'], { ...(await givenDatabase()), PORT: '0' });
    const [, url = '', token = ''] = await printed(server, STARTED);
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    expect((await ask(url, token)).status).toBe(200);
    server.process.kill('SIGINT');
    const { code, stderr } = await server.ended;
    expect([code, stderr]).toEqual([0, '']);
  });

  it('prints no token where a file of them is configured, and ends with 0 on SIGTERM', async () => {
    const { server } = await givenServer({ ...(await givenDatabase()), ...givenTokens() });
    server.process.kill('SIGTERM');
    const { code, stdout, stderr } = await server.ended;
    expect(code).toBe(0);
    // The tokens of this test are weak, which is said by id alone.
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('t-ann');
    expect(stdout).not.toMatch(/[0-9a-f]{32}/);
    expect(stdout).toContain('tokens.json');
  });

  it('tells programs in JSON, counts commands, and lets whoever has a token in', async () => {
    const server = starting(['serve', '--json'], { ...(await givenDatabase()), PORT: '0' });
    const [line] = await printed(server, /^\{.*\}\n/);
    const { url, tokens } = JSON.parse(line) as { url: string; tokens: { token: string; id: string }[] };
    expect(tokens.map(({ id }) => id)).toEqual(
      ['viewer', 'recorder', 'reviewer', 'admin', 'auditor'].map((role) => `local-${role}`),
    );
    const [viewer] = tokens;
    const refused = await piped(['promote', 'eve', '--json'], {
      TIERKEEPER_URL: new URL('/', url).href,
      TIERKEEPER_TOKEN: viewer?.token ?? '',
    });
    expect(refused.json()).toMatchObject({ error: { code: 'AGENT_NOT_FOUND' } });
    expect((await ask(url, viewer?.token ?? '')).status).toBe(200);
    const metrics = await (await fetch(new URL('/metrics', url))).text();
    expect(metrics).toContain('tierkeeper_commands_total{command="PROMOTE_AGENT",code="FORBIDDEN"} 1');
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});

function ask(url: string, token: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: 'mutation { promoteAgent(input: { agentId: "eve", idempotencyKey: "k" }) { __typename } }',
    }),
  });
}
