// Gives commands by many callers, each waiting for its answer, until it is killed. Says of each that it sends it, and of
// each that is answered what it came to. An agent earns its first promotion, which is given, taken back, denied or spoiled.
import { openApp } from '../open-app.ts';
import { send, type SentCommand } from '../sent-commands.ts';

const CALLERS = 12;
const STORIES = [['promote'], ['promote', 'revoke'], ['deny'], ['report', 'record']] as const;

const [file = '', name = ''] = process.argv.slice(2);
const { app } = openApp(file);

async function give(sent: SentCommand): Promise<void> {
  console.log(JSON.stringify({ sent }));
  const outcome = await send(app, sent);
  console.log(JSON.stringify({ sent, outcome }));
}

async function call(caller: number): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const agentId = `${name}-${caller}-${turn}`;
    const story = STORIES[(caller + turn) % STORIES.length] ?? [];
    for (const [step, command] of (['record', ...story] as const).entries())
      await give({ command, agentId, key: `${agentId}-${step}`, at: app.clock.now() });
  }
}

await Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
