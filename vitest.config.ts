import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{actors,brokers,gateway,stores,config,bench,chaos}/**/*.test.ts'],
    // One NATS, PostgreSQL and Redis for the whole run, on free ports, in a temporary folder.
    globalSetup: ['./brokers/launcher/test-setup.ts'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 20_000,
    allowOnly: false,
    passWithNoTests: false,
  },
});
