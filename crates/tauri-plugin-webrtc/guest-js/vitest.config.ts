import { defineConfig } from 'vitest/config';

export default defineConfig({
  // No test waits for time to pass; a busy machine may take its time.
  test: { include: ['tests/**/*.test.ts'], testTimeout: 120_000 },
});
