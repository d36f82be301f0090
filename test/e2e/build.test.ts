/** The main job on the small spec, as a person gives it: offline, through every real part, to a tree that is always the same. */

import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOTES_SESSIONS, NOTES_SPEC, NotesBuild } from '../support/build-fixture.js';
import type { NightshiftProcess } from '../support/nightshift-process.js';
import { type Undisturbed, undisturbedBuild } from '../support/undisturbed-build.js';

const BUILD_MS = 600_000;

/** Section 5 of issue 3 for the notes spec: every file that must be there, in git. */
const TREE = [
  ...['app/__init__.py', 'app/main.py', 'app/config.py', 'app/database.py'],
  ...[
    'app/models/__init__.py',
    'app/models/base.py',
    'app/models/user.py',
    'app/models/folder.py',
    'app/models/note.py',
  ],
  ...['app/schemas/__init__.py', 'app/schemas/user.py', 'app/schemas/folder.py', 'app/schemas/note.py'],
  ...['app/routers/__init__.py', 'app/routers/v1/__init__.py'],
  ...['app/routers/v1/users.py', 'app/routers/v1/folders.py', 'app/routers/v1/notes.py'],
  ...['app/services/__init__.py'],
  ...['app/services/user_service.py', 'app/services/folder_service.py', 'app/services/note_service.py'],
  ...['app/dependencies/__init__.py', 'app/dependencies/auth.py', 'app/dependencies/database.py'],
  ...['tests/__init__.py', 'tests/conftest.py', 'tests/api/__init__.py', 'tests/api/v1/__init__.py'],
  ...['tests/api/v1/test_users.py', 'tests/api/v1/test_folders.py', 'tests/api/v1/test_notes.py'],
  ...['alembic/env.py', 'alembic.ini', 'docker-compose.yml', 'pyproject.toml', 'requirements.txt', '.env.example'],
  ...['feature_list.json', 'app_spec.txt', 'init.sh', 'claude-progress.txt', '.claude_settings.json', 'README.md'],
];

describe('an offline build of the notes spec', () => {
  let undisturbed: Undisturbed;
  let build: NotesBuild;
  let nightshift: NightshiftProcess;
  beforeAll(async () => {
    undisturbed = await undisturbedBuild();
    build = undisturbed.build;
    nightshift = build.nightshift;
  }, BUILD_MS);
  afterAll(() => undisturbed.close(), 120_000);

  it('ends with exit 0, every feature passing and every gate green', () => {
    const { exitCode, stdout } = undisturbed.ending;
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    const { passing, total } = build.features();
    expect(total).toBeGreaterThanOrEqual(12);
    expect(passing).toBe(total);
    expect(stdout).toContain(`Done: ${total}/${total} features`);
    expect(stdout).toContain(`Project: ${build.projectDir}`);
    expect(new Set(stdout.match(/^ {2}[✓✗]/gm))).toEqual(new Set(['  ✓'])); // none at all is no green gate
  });

  it('tells each tool call on a line with its time, and that no AI model works', () => {
    expect(undisturbed.ending.stdout).toMatch(/^\[Tool: bash\] pytest -q .* \d+\.\d s$/m);
    expect(undisturbed.ending.stdout).toContain(
      'offline: rule-based builder, no AI model; give --model and ANTHROPIC_API_KEY for Claude',
    );
    expect(undisturbed.ending.stderr).toMatch(/Web UI: http:\/\/127\.0\.0\.1:\d+/);
  });

  it('leaves a clean work tree, a tag and a progress entry for each session', () => {
    expect(build.git('status', '--porcelain')).toBe('');
    const sessions = Array.from({ length: NOTES_SESSIONS }, (_, index) => `session-${index + 1}`);
    expect(build.git('tag', '--list', 'session-*').split('\n')).toEqual(sessions);
    expect(build.git('rev-parse', `session-${NOTES_SESSIONS}^{commit}`)).toBe(build.git('rev-parse', 'HEAD'));
    const progress = readFileSync(path.join(build.projectDir, 'claude-progress.txt'), 'utf8');
    for (const [index] of sessions.entries())
      expect(progress.match(new RegExp(`Session ${index + 1}\\b`, 'gi'))).not.toBeNull();
    expect(readFileSync(path.join(build.projectDir, 'app_spec.txt'), 'utf8')).toBe(readFileSync(NOTES_SPEC, 'utf8'));
  });

  it('holds every file that a project must have, in git', () => {
    const tracked = build.git('ls-files').split('\n');
    expect(tracked).toEqual(expect.arrayContaining(TREE));
    expect(tracked.filter((file) => /^alembic\/versions\/.+\.py$/.test(file))).toHaveLength(3);
    expect(tracked).not.toContain('.env');
  });

  it('is told by status --json, and its workflow returns where it ended', async () => {
    const { exitCode, stdout } = await nightshift.run(['status', '--json', '--project-dir', build.name]);
    expect(exitCode).toBe(0);
    const { builds } = JSON.parse(stdout);
    expect(builds).toHaveLength(1);
    const { passing, total } = build.features();
    const { progress, execution } = builds[0].snapshot;
    expect(execution).toBe('COMPLETED');
    expect(progress).toMatchObject({
      status: 'done',
      session: NOTES_SESSIONS,
      tally: { featuresPassing: passing, featuresTotal: total },
    });
    const show = await nightshift.run(['temporal', 'workflow', 'result', '-w', build.buildId, '-o', 'json']);
    expect(JSON.parse(show.stdout)).toMatchObject({
      status: 'COMPLETED',
      result: { status: 'done', tally: progress.tally },
    });
  }, 60_000);

  it(
    'gives the same tree in a directory of another name',
    async () => {
      const other = new NotesBuild(nightshift, path.join('elsewhere', 'Zweiter Bau'));
      const { exitCode } = await nightshift.run(other.command('build'));
      expect(exitCode).toBe(0);
      expect(other.files()).toEqual(build.files());
      expect(other.tree()).toBe(build.tree());
    },
    BUILD_MS,
  );

  it(
    'ends at once when the project is done already',
    async () => {
      const head = build.git('rev-parse', 'HEAD');
      const again = await nightshift.run(build.command('build'));
      expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Done: ') });
      expect(again.stdout).not.toContain('── session');
      expect(build.git('rev-parse', 'HEAD')).toBe(head);
    },
    BUILD_MS,
  );

  it('refuses another spec for the same directory and names both digests', async () => {
    const changed = path.join(nightshift.directory, 'changed.txt');
    copyFileSync(NOTES_SPEC, changed);
    writeFileSync(changed, '\n## Changed\n', { flag: 'a' });
    const refused = await nightshift.run(['build', '--spec', changed, '--project-dir', build.name]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr.match(/\b[0-9a-f]{12}\b/g)?.length).toBeGreaterThanOrEqual(2);
  }, 60_000);

  it(
    'starts from a bare temporal workflow start as well, and stops on request',
    async () => {
      const bare = new NotesBuild(nightshift, 'bare', 'typed-by-hand');
      const started = await bare.startByTemporal();
      expect(started).toMatchObject({ exitCode: 0 });
      await bare.reaches('session 1 is verified', (events) => events.some(({ kind }) => kind === 'verified'));
      const stopped = await nightshift.run(['stop', '--project-dir', 'bare']);
      expect(stopped.exitCode).toBe(0);
      const { progress } = await bare.ends();
      expect(progress).toMatchObject({ status: 'stopped', session: expect.any(Number) });
      expect(existsSync(path.join(bare.projectDir, 'feature_list.json'))).toBe(true);
      expect(bare.git('status', '--porcelain')).toBe('');
    },
    BUILD_MS,
  );
});
