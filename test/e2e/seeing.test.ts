/** What a person sees of a finished build: the served API in a browser without a network, and the commands that look. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itInBrowser } from '../support/browser.js';
import type { RunningCommand } from '../support/nightshift-process.js';
import { type Undisturbed, undisturbedBuild } from '../support/undisturbed-build.js';

describe('after a build', () => {
  let undisturbed: Undisturbed;
  const nightshift = (...args: string[]) =>
    undisturbed.build.nightshift.run([...args, '--project-dir', undisturbed.build.name]);
  beforeAll(async () => {
    undisturbed = await undisturbedBuild();
  }, 600_000);
  afterAll(() => undisturbed.close(), 120_000);

  it('features lists every feature as passing', async () => {
    const { stdout } = await nightshift('features', '--json');
    const { features } = JSON.parse(stdout) as { features: { state: string }[] };
    expect(features).toHaveLength(undisturbed.build.features().total);
    expect(features.filter(({ state }) => state !== 'passing')).toEqual([]);
    expect((await nightshift('features', '--open')).stdout).toMatch(/^\s+feature .*\n\d+\/\d+ features, \d+\/\d+ test/);
  });

  it('logs and transcript tell what was done, and by whom', async () => {
    expect((await nightshift('logs')).stdout).toMatch(/^\d\d:\d\d:\d\d {2}\[Tool: scaffold\] resource users/m);
    const { stdout } = await nightshift('transcript', '2');
    expect(stdout).toMatch(/^── session 2 \(coding\), offline/);
    expect(stdout).toContain('[Tool: bash] pytest -q tests/api/v1/test_users.py');
    expect((await nightshift('transcript', '77')).stderr).toMatch(/has no session 77; it has 1, 2, 3, 4/);
  });

  it('watch says that nothing runs any more, and what to type', async () => {
    const { exitCode, stdout } = await nightshift('watch');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/does not run\. What it did: .*logs --project-dir undisturbed/);
  });

  itInBrowser(
    'report is one page that a browser shows without a network',
    async ({ page, outside, errors }) => {
      await nightshift('report', '--out', 'report.html');
      const file = path.join(undisturbed.build.nightshift.directory, 'report.html');
      expect(readFileSync(file, 'utf8').length).toBeLessThan(1_000_000);
      await page.goto(`file://${file}`);
      expect(await page.locator('h1').textContent()).toBe('Notes API');
      const charts = await page.locator('svg').all();
      expect(charts).toHaveLength(4);
      for (const chart of charts) expect((await chart.boundingBox())?.width).toBeGreaterThan(600);
      const wide = await page.evaluate('document.documentElement.scrollWidth > window.innerWidth');
      expect({ wide, outside, errors }).toEqual({ wide: false, outside: [], errors: [] });
    },
    60_000,
  );

  describe('the served API', () => {
    let serving: RunningCommand;
    let base = '';
    let curl = '';
    beforeAll(async () => {
      const { nightshift: own, name } = undisturbed.build;
      serving = own.start(['serve', name, '--port', '0']);
      const [, address = ''] = await serving.matching(/^ {2}API +(http:\/\/127\.0\.0\.1:\d+)$/m);
      const [, url = ''] = await serving.matching(/^ {2}Try +curl "(.+)"$/m);
      [base, curl] = [address, url];
    }, 120_000);
    afterAll(async () => {
      serving?.signal('SIGINT');
      expect(await serving?.ended).toMatchObject({ exitCode: 0 });
    }, 60_000);

    it('answers the printed curl line with sample rows', async () => {
      const answer = await fetch(curl);
      const { items } = (await answer.json()) as { items: unknown[] };
      expect(answer.status).toBe(200);
      expect(items.length).toBeGreaterThan(1);
    });

    itInBrowser(
      'lets a newcomer create a folder in Swagger without a network',
      async ({ page, outside }) => {
        await page.goto(`${base}/docs`);
        const create = page.locator('.opblock-post', { hasText: '/api/v1/folders' }).first();
        await create.locator('.opblock-summary').click();
        await create.getByRole('button', { name: 'Try it out' }).click();
        await create.locator('textarea').fill('{"name": "Made in Swagger"}');
        await create.getByRole('button', { name: 'Execute' }).click();
        await create.locator('.live-responses-table .response-col_status', { hasText: '201' }).waitFor();
        const listed = (await (await fetch(`${base}/api/v1/folders?page_size=100`)).json()) as {
          items: { name: string }[];
        };
        expect(listed.items.map(({ name }) => name)).toContain('Made in Swagger');
        expect(outside).toEqual([]);
      },
      60_000,
    );

    itInBrowser(
      'shows ReDoc without a network',
      async ({ page }) => {
        await page.goto(`${base}/redoc`);
        await page.getByRole('heading', { name: /^Notes API/ }).waitFor();
        await page.getByText('Create a folder.').first().waitFor();
      },
      60_000,
    );
  });
});
