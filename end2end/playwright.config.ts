import { defineConfig, devices } from '@playwright/test';

/** The tests run against `target/debug/layer-test`; `cargo xtask test e2e` builds it. Each test has a server of its own. */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results/files',
  // Every test has its own server and database, so they may run beside each other.
  fullyParallel: true,
  workers: 2,
  // Once more, and then it is said to be flaky: a machine that stalls for a moment is no fault of a change.
  retries: 1,
  // A machine that does other things too is slow, not wrong.
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: !!process.env.CI,
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: {
    trace: 'off',
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'desk', use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 800 } } },
    {
      name: 'phone',
      use: { ...devices['Desktop Chrome'], viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    },
  ],
});
