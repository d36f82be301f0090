/** Holds what the prompts say about commands against the policy itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPolicy, type Policy } from '../../activities/security/policy.js';
import { programNames } from '../../activities/security/rules/programs.js';
import { packageRoot } from '../../config/locations.js';
import { goodTools, play } from '../offline-model/conversations.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

const commands = readFileSync(path.join(packageRoot, 'prompts', 'commands.md'), 'utf8');
const [, listed = ''] = /These programs may be called:\n([\s\S]*?)\nPipes/.exec(commands) ?? [];

let project: TemporaryDirectory;
let policy: Policy;
beforeAll(async () => {
  project = await temporaryDirectory();
  policy = await createPolicy({ projectDir: project.path });
});
afterAll(() => project.remove());

const verdict = (command: string): string => policy.check(command).verdict;

describe('the list of programs in the prompts', () => {
  test('names every program that the policy knows', () => {
    const missing = programNames().filter((name) => !listed.includes(`\`${name}`) && name !== 'python3.12');
    expect(missing).toEqual([]);
  });

  test('names no program that the policy refuses', () => {
    const named = [...listed.matchAll(/`([a-z:][\w.-]*)`/g)].map(([, name]) => name ?? '');
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((name) => !programNames().includes(name))).toEqual([]);
  });
});

describe('what the prompts say of the policy', () => {
  test.each([
    'pwd && ls',
    'git log --oneline -10',
    'cat claude-progress.txt',
    'alembic upgrade head',
    'alembic revision --autogenerate --rev-id add_tags -m "Add tags"',
    'pytest -q tests/api/v1/test_tags.py',
    'ruff check .',
    'mypy --strict app',
    'git add -A && git commit -m "Add the tags resource"',
    'git restore app/main.py',
    'git rm app/old.py',
    'python3 -m venv .venv',
    '.venv/bin/pip install -r requirements.txt',
    'uvicorn app.main:app --port 8000 > server.log 2>&1 &',
    'curl -s http://127.0.0.1:8000/health/live',
    'pkill -f uvicorn',
    'tail -n 50 server.log',
    "cat > notes.txt <<'EOF'\n$HOME\nEOF",
    'for f in app/*.py; do wc -l "$f"; done',
  ])('%s is allowed', (command) => {
    expect(policy.check(command)).toEqual({ verdict: 'allow' });
  });

  test.each([
    'bash -c ls',
    'source .venv/bin/activate',
    'env',
    'ls | xargs rm',
    'psql -l',
    'npx x',
    'echo `id`',
    'cat <(ls)',
    "echo $'a'",
    'cat ~/.ssh/id_rsa',
    'ls /tmp',
    'find . -delete',
    'find . -exec rm {} ;',
    'tail -f server.log',
    'git push',
    'git rebase main',
    'git reset --hard HEAD~1',
    'git commit --amend -m x',
    'git commit --no-verify -m x',
    'git -c core.pager=id log',
    'git clean -fdx',
    'pip install --index-url http://x y',
    'npm publish',
    'PATH=. ls',
    'PYTEST_ADDOPTS=-x pytest',
    'echo x > feature_list.json',
    'echo x > .git/config',
    'docker run x',
    'curl https://example.com',
  ])('%s is refused', (command) => {
    expect(verdict(command)).toBe('deny');
  });

  test('every command of the offline model is allowed', () => {
    const asked = ['initializer', 'coding']
      .flatMap((phase) => play(phase, goodTools))
      .flatMap(({ call }) => (call?.name === 'bash' ? [call.input['command'] ?? ''] : []));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((command) => verdict(command) !== 'allow')).toEqual([]);
  });
});
