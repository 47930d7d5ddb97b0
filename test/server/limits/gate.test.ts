import { expect, it } from 'vitest';
import { Gate } from '../../../src/server/limits/gate.ts';

it('one passes at a time, in the order of asking, and whatever else waits has a turn before each', async () => {
  const gate = new Gate();
  const order: string[] = [];
  const work = (name: string) =>
    gate.pass(async () => {
      order.push(`${name} begins`);
      setImmediate(() => order.push(`a turn after ${name}`));
      await Promise.resolve();
      order.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([work('one'), work('two')])).toEqual(['one', 'two']);
  expect(order).toEqual(['one begins', 'one ends', 'a turn after one', 'two begins', 'two ends']);
});

it('one that fails holds up nobody', async () => {
  const gate = new Gate();
  const failing = gate.pass(() => Promise.reject(new Error('No.')));
  const next = gate.pass(() => Promise.resolve('went on'));
  await expect(failing).rejects.toThrow('No.');
  expect(await next).toBe('went on');
});
