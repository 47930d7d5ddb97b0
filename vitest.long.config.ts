import { defineConfig } from 'vitest/config';
import { resolve, shared } from './vitest.config.ts';

/** What keeps at most one core busy, or waits most of the time, and measures nothing: three at a time. */
const WALKS = [
  'clock',
  'kill',
  'schedules',
  'sequences',
  'stories',
  'tampering',
  'vault-fleet',
  'vault-instances',
  'vault-kill',
  'vault-outage',
].map((name) => `test/long/${name}.test.ts`);

const long = { ...shared, testTimeout: 1_200_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: { ...long, name: 'walks', include: WALKS, maxWorkers: 3, sequence: { groupOrder: 0 } },
      },
      {
        resolve,
        test: {
          ...long,
          name: 'bars',
          include: ['test/long/**/*.test.ts'],
          exclude: WALKS,
          // Processes, sockets, memory, and what must be over in five seconds: one at a time.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
