/** What a person does to a running build from its own terminal and from another one: Ctrl+C, pause, steer, resume, stop, limits. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOTES_SPEC, NotesBuild, toolCalledIn } from '../support/build-fixture.js';
import { type Ending, NightshiftProcess } from '../support/nightshift-process.js';
import { type Undisturbed, undisturbedBuild } from '../support/undisturbed-build.js';

const BUILD_MS = 600_000;

let nightshift: NightshiftProcess;
let undisturbed: Undisturbed;
beforeAll(async () => {
  nightshift = NightshiftProcess.fresh();
  undisturbed = await undisturbedBuild();
}, BUILD_MS);
afterAll(async () => {
  await nightshift.close();
  await undisturbed.close();
}, 240_000);

/** What `status --json` says of one build. */
async function statusOf(build: NotesBuild): Promise<{ status: string; session: number; notes: number }> {
  const { stdout } = await nightshift.run(['status', '--json', '--project-dir', build.name]);
  return JSON.parse(stdout).builds[0].snapshot.progress;
}

const sessionsIn = ({ stdout }: Ending): string[] => stdout.match(/── session .*/g) ?? [];

describe('a build that is interrupted by hand', () => {
  let build: NotesBuild;
  beforeAll(() => {
    build = new NotesBuild(nightshift, 'interrupted');
  });

  it(
    'pauses on Ctrl+C with exit 6, in the middle of a session, and says how to go on',
    async () => {
      const command = nightshift.start(build.command('build'));
      await build.reaches('session 2 writes code', toolCalledIn(2, 'scaffold'), command);
      command.signal('SIGINT');
      const { exitCode, stdout, stderr } = await command.ended;
      expect({ exitCode, stdout, stderr }).toMatchObject({
        exitCode: 6,
        stdout: expect.stringMatching(/^paused; nothing lost; resume: \S+nightshift build --project-dir interrupted$/m),
      });
      expect(await statusOf(build)).toMatchObject({ status: 'paused', session: 2 });
      expect(build.git('status', '--porcelain')).toBe('');
    },
    BUILD_MS,
  );

  it(
    'takes a note from a second terminal while it is paused, and goes on there on resume',
    async () => {
      const steered = await nightshift.run(['steer', 'Keep it simple.', '--project-dir', build.name]);
      expect(steered).toMatchObject({ exitCode: 0 });
      expect(await statusOf(build)).toMatchObject({ status: 'paused', notes: 1 });
      const resumed = await nightshift.run(['resume', '--project-dir', build.name]);
      expect(resumed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('resumed') });
      await build.reaches('session 2 goes on', (events) =>
        events.some((event) => event.kind === 'session' && event.session === 2 && event.resumed),
      );
    },
    BUILD_MS,
  );

  it(
    'goes on when a second Ctrl+C detaches with exit 130',
    async () => {
      const command = nightshift.start(build.command('build'));
      await command.prints(/session 2/);
      command.signal('SIGINT');
      await command.prints(/pausing/);
      command.signal('SIGINT');
      const { exitCode, stdout } = await command.ended;
      expect({ exitCode, stdout }).toMatchObject({
        exitCode: 130,
        stdout: expect.stringContaining('the build goes on'),
      });
      await build.reaches('session 3 works', toolCalledIn(3));
    },
    BUILD_MS,
  );

  it(
    'pauses from a second terminal; the command that follows it ends with exit 6',
    async () => {
      const following = nightshift.start(build.command('build'));
      await following.prints(/attached to the running build/);
      const paused = await nightshift.run(['pause', '--project-dir', build.name]);
      expect(paused).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('resume: ') });
      expect((await following.ended).exitCode).toBe(6);
      expect(await statusOf(build)).toMatchObject({ status: 'paused' });
    },
    BUILD_MS,
  );

  it(
    'resumes by the same command and ends with the tree of a build that nobody touched',
    async () => {
      const ending = await nightshift.run(build.command('build'));
      expect(ending).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Done: ') });
      expect(sessionsIn(ending)).toContain('── session 4 (coding)');
      expect(build.files()).toEqual(undisturbed.build.files());
      expect(build.tree()).toBe(undisturbed.build.tree());
    },
    BUILD_MS,
  );
});

describe('a build with a limit', () => {
  let build: NotesBuild;
  beforeAll(() => {
    build = new NotesBuild(nightshift, 'limited');
  });

  it(
    'ends with exit 3 after so many coding sessions, features left, and says what to type',
    async () => {
      const ending = await nightshift.run(build.command('build', '--max-iterations', '1'));
      expect(ending).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('Ended with features left') });
      expect(sessionsIn(ending)).toEqual(['── session 1 (initializer)', '── session 2 (coding)']);
      const { passing, total } = build.features();
      expect(passing).toBeGreaterThan(0);
      expect(passing).toBeLessThan(total);
    },
    BUILD_MS,
  );

  it(
    'counts further sessions of a further command, and stops from a second terminal with exit 3',
    async () => {
      const command = nightshift.start(build.command('build', '--max-iterations', '1'));
      await build.reaches('session 3 works', toolCalledIn(3), command);
      const stopped = await nightshift.run(['stop', '--project-dir', build.name]);
      expect(stopped).toMatchObject({ exitCode: 0 });
      expect(await command.ended).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('Stopped: ') });
      expect(build.git('status', '--porcelain')).toBe('');
    },
    BUILD_MS,
  );
});

describe('a command that cannot be', () => {
  it('refuses a live model without a key with exit 2 and names the offline alternative', async () => {
    const refused = await nightshift.run(['build', '--spec', NOTES_SPEC, '--model', 'claude-sonnet-5-5']);
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        '--model claude-sonnet-5-5 needs a key: set ANTHROPIC_API_KEY, or build without one: --model offline',
      ),
    });
  }, 60_000);

  it('refuses to control a build that is not there', async () => {
    const refused = await nightshift.run(['pause', '--project-dir', 'nowhere']);
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('There is no build of') });
  }, 60_000);
});
