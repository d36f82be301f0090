/** Every mistake at the door: one clear sentence, last on the screen, the right exit code, and nothing made or lost. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../config/locations.js';
import { NOTES_SPEC } from '../support/build-fixture.js';
import { type Ending, NightshiftProcess } from '../support/nightshift-process.js';

interface Mistake {
  readonly title: string;
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly exitCode: number;
  /** What the last line says. */
  readonly says: RegExp;
}

const KEY = { ANTHROPIC_API_KEY: 'sk-ant-test-key-of-nobody' };
const spec = (file: string): string[] => ['build', '--spec', file, '--project-dir', 'new'];
const into = (directory: string): string[] => ['build', '--spec', NOTES_SPEC, '--project-dir', directory];
const flag = (...words: string[]): string[] => [...into('new'), ...words];

const MISTAKES: readonly Mistake[] = [
  {
    title: 'a spec that is not there',
    args: spec('gone.txt'),
    exitCode: 2,
    says: /There is no spec at \S+gone\.txt; give one with --spec FILE/,
  },
  {
    title: 'an empty spec',
    args: spec('empty.txt'),
    exitCode: 2,
    says: /empty\.txt is empty; prompts\/app_spec\.txt shows/,
  },
  {
    title: 'a binary spec',
    args: spec('binary.txt'),
    exitCode: 2,
    says: /binary\.txt is not UTF-8 text; give a plain text file/,
  },
  {
    title: 'a spec of 10 MB',
    args: spec('huge.txt'),
    exitCode: 2,
    says: /huge\.txt has 10\.0 MB; at most 256 kB are read/,
  },
  { title: 'a spec that is a directory', args: spec('.'), exitCode: 2, says: /is a directory; give a text file/ },
  {
    title: 'a spec without resources',
    args: spec('talk.txt'),
    exitCode: 2,
    says: /talk\.txt:1: No resource is described.*Add a heading for each resource/,
  },
  {
    title: 'a project directory that is not empty and not ours',
    args: into('theirs'),
    exitCode: 2,
    says: /theirs is not empty \(letters\.txt\) and was not made by Nightshift.*give an empty or a new directory/,
  },
  {
    title: 'a project directory that is a file',
    args: into('file'),
    exitCode: 2,
    says: /file is not a directory: give an empty or a new directory/,
  },
  {
    title: 'a project directory below a file',
    args: into('file/below'),
    exitCode: 2,
    says: /--project-dir file\/below: a file stands in its way/,
  },
  {
    title: 'a project directory that is the home directory',
    args: into(process.env['HOME'] ?? '/root'),
    exitCode: 2,
    says: /is your home directory or holds it: give an empty or a new directory/,
  },
  {
    title: 'a project directory in the system',
    args: into('/usr/share/api'),
    exitCode: 2,
    says: /lies in the system directory \/usr: give an empty/,
  },
  {
    title: 'a link to itself as project directory',
    args: into('loop'),
    exitCode: 2,
    says: /--project-dir loop: it cannot be reached \(ELOOP\)/,
  },
  {
    title: 'a live model without a key',
    args: flag('--model', 'claude-sonnet-5-5'),
    exitCode: 2,
    says: /--model claude-sonnet-5-5 needs a key: set ANTHROPIC_API_KEY, or build without one: --model offline/,
  },
  {
    title: 'a model with a slip of the finger',
    args: flag('--model', 'claude-sonet-5-5'),
    variables: KEY,
    exitCode: 2,
    says: /There is no model claude-sonet-5-5; did you mean claude-sonnet-5-5\?/,
  },
  {
    title: "another maker's model",
    args: flag('--model', 'gpt-9'),
    variables: KEY,
    exitCode: 2,
    says: /gpt-9 is no Claude model; give one like claude-/,
  },
  {
    title: 'negative iterations',
    args: flag('--max-iterations', '-1'),
    exitCode: 2,
    says: /--max-iterations takes a whole number from 0, not "-1"/,
  },
  {
    title: 'iterations that are no number',
    args: flag('--max-iterations', 'many'),
    exitCode: 2,
    says: /--max-iterations takes a whole number from 0, not "many"/,
  },
  {
    title: 'a ceiling of nothing',
    args: flag('--max-cost', '0'),
    exitCode: 2,
    says: /--max-cost takes an amount in USD above 0, not "0"/,
  },
  {
    title: 'a range the wrong way round',
    args: flag('--test-count', '200-100'),
    exitCode: 2,
    says: /--test-count takes MIN-MAX such as 100-200, not "200-100"/,
  },
  {
    title: 'an option that does not exist',
    args: flag('--modle', 'offline'),
    exitCode: 2,
    says: /unknown option '--modle'|Did you mean --model\?/,
  },
  {
    title: 'a command that does not exist',
    args: ['biuld'],
    exitCode: 2,
    says: /unknown command 'biuld'|Did you mean build\?/,
  },
  {
    title: 'a Temporal server that does not answer',
    args: flag(),
    variables: { TEMPORAL_ADDRESS: '127.0.0.1:9' },
    exitCode: 5,
    says: /Temporal does not answer at 127\.0\.0\.1:9.*unset TEMPORAL_ADDRESS/,
  },
  {
    title: 'a database URL that is none',
    args: flag(),
    variables: { NIGHTSHIFT_DATABASE_URL: 'localhost' },
    exitCode: 5,
    says: /NIGHTSHIFT_DATABASE_URL is no URL of PostgreSQL.*postgresql:\/\//,
  },
  {
    title: 'a state directory that is a file',
    args: flag(),
    variables: { NIGHTSHIFT_HOME: '/dev/null/state' },
    exitCode: 5,
    says: /NIGHTSHIFT_HOME/,
  },
  {
    title: 'a build that is not there',
    args: ['pause', '--project-dir', 'nowhere'],
    exitCode: 2,
    says: /There is no build of \S+nowhere; nightshift status lists the builds/,
  },
];

describe('a mistake at the door', () => {
  let nightshift: NightshiftProcess;
  let endings: ReadonlyMap<string, Ending>;
  const at = (...names: string[]): string => path.join(nightshift.directory, ...names);

  beforeAll(async () => {
    nightshift = NightshiftProcess.fresh();
    writeFileSync(at('empty.txt'), ' \n');
    writeFileSync(at('binary.txt'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]));
    writeFileSync(at('huge.txt'), 'x'.repeat(10_000_000));
    writeFileSync(at('talk.txt'), '# An idea\n\nIt should be fast and pretty.\n');
    mkdirSync(at('theirs'));
    writeFileSync(at('theirs', 'letters.txt'), 'Dear …');
    writeFileSync(at('file'), 'a file');
    symlinkSync('loop', at('loop'));
    const all = new Map<string, Ending>();
    const queue = [...MISTAKES];
    const next = async (): Promise<void> => {
      for (let one = queue.shift(); one !== undefined; one = queue.shift())
        all.set(one.title, await nightshift.run(one.args, one.variables ?? {}));
    };
    await Promise.all([next(), next(), next()]);
    endings = all;
  }, 240_000);
  afterAll(() => nightshift.close(), 60_000);

  it.each(MISTAKES)('$title: exit $exitCode and one sentence', ({ title, exitCode, says }) => {
    const ending = endings.get(title);
    const last = ending?.stderr.trim().split('\n').at(-1) ?? '';
    expect({ exitCode: ending?.exitCode, last, stdout: ending?.stdout }).toEqual({
      exitCode,
      last: expect.stringMatching(says),
      stdout: '',
    });
    expect(ending?.stderr).not.toMatch(/\n\s+at .+:\d+:\d+\)?|secret-word|sk-ant-test/);
  });

  it('makes no project and touches nobody’s files', () => {
    expect(existsSync(at('new'))).toBe(false);
    expect(readdirSync(at('theirs'))).toEqual(['letters.txt']);
    expect(readFileSync(at('file'), 'utf8')).toBe('a file');
  });

  it('starts no server and no worker', () => {
    expect(existsSync(path.join(nightshift.home, 'run', 'supervisor.json'))).toBe(false);
  });

  it('has our sentence last under npm start too, without an error block of npm', () => {
    const options = {
      cwd: packageRoot,
      encoding: 'utf8' as const,
      env: { ...process.env, NIGHTSHIFT_HOME: nightshift.home },
    };
    const { status, stderr } = spawnSync('npm', ['start', '--', '--spec', '/nonexistent/spec.txt'], options);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n').at(-1)).toBe(
      'There is no spec at /nonexistent/spec.txt; give one with --spec FILE',
    );
    expect(stderr).not.toMatch(/npm (ERR!|error)/);
  }, 60_000);
});

const ordinary = process.getuid?.() === 0 ? describe.skip : describe;
ordinary('as an ordinary user (root may write anywhere)', () => {
  it('a directory that is not writable is refused by name', async () => {
    const nightshift = NightshiftProcess.fresh();
    try {
      const locked = path.join(nightshift.directory, 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o555);
      const { exitCode, stderr } = await nightshift.run(into('locked/api'));
      expect(exitCode).toBe(2);
      expect(stderr.trim().split('\n').at(-1)).toMatch(
        /locked is not writable for this user: give another --project-dir/,
      );
    } finally {
      await nightshift.close();
    }
  }, 60_000);
});
