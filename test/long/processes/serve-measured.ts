// Serves what its environment says; when its input ends it says how long its event loop was blocked at most since
// it was last written to.
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openService } from '../../../src/compose/service.ts';
import { loadConfig } from '../../../src/config/config.ts';

const service = await openService(loadConfig(process.env), {
  operator: { id: 'operator:test', kind: 'PERSON' },
});
const { url } = await service.listen();
const delay = monitorEventLoopDelay({ resolution: 5 });
console.log(url);
delay.enable();
// What was done once, such as the first use of a module, is no answer to an input.
process.stdin.on('data', () => delay.reset());
await once(process.stdin, 'end');
delay.disable();
await service.close();
console.log((delay.max / 1e6).toFixed(0));
