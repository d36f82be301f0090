/** The system's Chromium without a network: pages see this machine's loopback address and files, nothing else. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { it } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];

/** Path of the first browser on PATH; null when there is none. */
function findBrowser(): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of NAMES) {
      const file = path.join(directory, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not here
      }
    }
  }
  return null;
}

const executablePath = findBrowser();

/** A test that needs a browser; without one it is reported as skipped, with the reason in its title. */
export function itInBrowser(title: string, test: (browse: Browse) => Promise<void>, timeoutMs: number): void {
  if (executablePath === null) it.skip(`${title} (skipped: no Chromium on PATH)`, () => undefined);
  else it(title, () => browsing(executablePath, test), timeoutMs);
}

export interface Browse {
  /** A new page. */
  readonly page: Page;
  /** Every address that a page asked for and that lies outside of this machine. */
  readonly outside: readonly string[];
  /** Errors of scripts, and what the console calls errors. */
  readonly errors: readonly string[];
}

async function browsing(executable: string, test: (browse: Browse) => Promise<void>): Promise<void> {
  const args = ['--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--disable-dev-shm-usage'];
  const sandboxed = process.getuid?.() !== 0; // Chromium refuses its own sandbox to root
  const browser = await chromium.launch({ executablePath: executable, args, chromiumSandbox: sandboxed });
  try {
    await test(await openPage(browser));
  } finally {
    await browser.close();
  }
}

async function openPage(browser: Browser): Promise<Browse> {
  const page = await browser.newPage({ viewport: { width: 1040, height: 900 } });
  const [outside, errors]: [string[], string[]] = [[], []];
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^https?:$/.test(protocol) && hostname !== '127.0.0.1') outside.push(request.url());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, outside, errors };
}
