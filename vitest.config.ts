import { createRequire } from 'node:module';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** What both suites share: the built command, one process per file on two cores, and neither a leak nor a rejection forgiven. */
export const shared = {
  globalSetup: ['test/support/build.ts'],
  setupFiles: ['test/support/setup.ts'],
  pool: 'forks',
  maxWorkers: 2,
  dangerouslyIgnoreUnhandledErrors: false,
  restoreMocks: true,
} satisfies ViteUserConfig['test'];

/** graphql has two builds, and Vite would give tests another one than Node gives the libraries: instances would not match. */
export const resolve = {
  alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
} satisfies ViteUserConfig['resolve'];

export default defineConfig({
  resolve,
  test: {
    ...shared,
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'test/fixtures/**'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
