import { defineConfig } from 'vitest/config';
import { resolve, shared } from './vitest.config.ts';

export default defineConfig({
  resolve,
  test: {
    ...shared,
    include: ['test/long/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 60_000,
  },
});
