import { describe, expect, it } from 'vitest';
import { printed } from '../cli/given-cli.ts';
import { start, typescript } from '../support/process.ts';
import { givenService } from './given-service.ts';

describe.each(['graphql-ws', 'urql', 'apollo', 'server-sent-events'])(
  'examples/%s.ts as a command',
  (name) => {
    const command = typescript(`examples/${name}.ts`);

    it('prints who waits, then what changes', async () => {
      const { access, story } = await givenService();
      const variables = { TIERKEEPER_URL: access.url.origin, TIERKEEPER_TOKEN: 'first' };
      const started = start(command, variables);
      await printed(started, /^Longest waiting first:\n {2}agent-1 {2}ELIGIBLE for T1 since 2026-06-30T/);
      const changes = printed(started, /agent-6 .*ELIGIBLE/);
      await story.goOn();
      await changes;
    });

    it('says what it lacks without a token', async () => {
      const { code, stderr } = await start(command, { TIERKEEPER_TOKEN: '' }).ended;
      expect(code).toBe(1);
      expect(stderr).toContain('Set TIERKEEPER_TOKEN to a token of the server.');
    });
  },
);
