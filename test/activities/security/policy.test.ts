// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are bash
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkCommandLine } from '../../../activities/security/command-check.js';
import { createPolicy, type Policy } from '../../../activities/security/policy.js';
import { describePrograms } from '../../../activities/security/rules/programs.js';

let projectDir = '';
let policy: Policy;

beforeAll(async () => {
  projectDir = mkdtempSync('/tmp/policy-test-');
  for (const name of ['app', 'backend', 'scripts']) mkdirSync(path.join(projectDir, name));
  writeFileSync(path.join(projectDir, 'init.sh'), '');
  symlinkSync('/etc', path.join(projectDir, 'outward'));
  symlinkSync('/nowhere/at-all', path.join(projectDir, 'dangling'));
  policy = await createPolicy({ projectDir });
});
afterAll(() => rmSync(projectDir, { recursive: true }));

function reason(command: string): string | null {
  const verdict = policy.check(command);
  return verdict.verdict === 'deny' ? verdict.reason : null;
}

describe('what agents really write passes', () => {
  test.each([
    'cd app && pytest -q',
    'pytest -q 2>&1 | tail -n 20',
    'for f in tests/*.py; do wc -l "$f"; done',
    'for i in $(seq 1 30); do curl -sf http://127.0.0.1:8000/health && break; sleep 1; done',
    'for i in {1..10}; do curl -s localhost:8000/ && break || sleep 0.5; done',
    'until curl -sf http://localhost:8000/docs > /dev/null; do sleep 1; done',
    'if [ -f app/main.py ]; then echo yes; else echo no; fi',
    'uvicorn app.main:app --port 8000 > server.log 2>&1 &',
    'nohup .venv/bin/uvicorn app.main:app > log.txt 2>&1 &',
    'uvicorn app.main:app & PID=$!; sleep 2; curl -s http://127.0.0.1:8000/; kill $PID',
    'kill $(lsof -ti:8000)',
    'curl -s -X POST http://localhost:8000/tasks -H \'Content-Type: application/json\' -d \'{"title": "a"}\'',
    'TOKEN=$(curl -s localhost:8000/token); curl -s -H "Authorization: Bearer $TOKEN" http://localhost:8000/me',
    'BASE=http://localhost:8000; curl -s "$BASE/items?x=1"',
    'timeout 60 pytest -x',
    'timeout 10 tail -f server.log',
    'rm -rf app/__pycache__ .pytest_cache',
    'rm -f *.pyc',
    "sed -n '10,20p' app/main.py",
    "sed -i 's/foo/bar/g' app/main.py",
    "find . -name '*.py' -not -path './.venv/*' | head -50",
    '.venv/bin/python -m pytest tests/ -v',
    './init.sh',
    'chmod +x init.sh && ./init.sh',
    'git add -A && git commit -m "feat: add tasks; tidy (wip)"',
    'git commit -m "$(cat <<\'EOF\'\nfeat: x\n\nbody `y`\nEOF\n)"',
    'git diff HEAD~1 -- app/main.py',
    'git show HEAD:app/main.py | head',
    'git restore --staged .',
    'git config user.name "Agent"',
    'grep -rn "/api/v1" app --include="*.py" | head',
    'cat feature_list.json | head -50',
    "python - <<'PY'\nprint('`x` $y')\nPY",
    "cat > app/x.py <<'EOF'\nprint(1)\nEOF",
    "cat > a.txt <<'EOF' && git add a.txt\nx\nEOF",
    'echo "Total: $(git ls-files | wc -l)"',
    "wc -l $(git ls-files 'app/*.py')",
    'mkdir -p app/{models,schemas} && touch app/{models,schemas}/__init__.py',
    'PYTHONPATH=. PYTHONDONTWRITEBYTECODE=1 pytest -q',
    'export DATABASE_URL=postgresql+asyncpg://u:p@127.0.0.1:5432/x && alembic upgrade head',
    'alembic revision --autogenerate -m "create tasks"',
    'ruff check . --fix && ruff format .',
    'mypy --strict app',
    'coverage run -m pytest && coverage report -m',
    'pip install -r requirements.txt',
    'npm install && npm test',
    'pkill -f "uvicorn app.main" || true',
    'set -euo pipefail\npytest -q',
    'cd backend && cat ../README.md',
    'i=0; while [ $i -lt 10 ]; do i=$((i+1)); sleep 1; done',
    'docker compose config',
    'cp app/a.py .',
    '! grep -q TODO app/main.py',
    '(cd backend && pytest -q)',
    "git commit -F - <<'E'\nAdd users\nE",
  ])('%s', (command) => {
    expect(reason(command)).toBeNull();
  });
});

describe('constructs that hide a program are refused by name', () => {
  test.each([
    ['ls `id`', 'backticks'],
    ['cat <(id)', 'process substitution'],
    ["$'ls'", 'quoted or computed'],
    ["echo $'a'", "'…'"],
    ['f() { ls; }; f', 'function definition'],
    ['case a in a) ls;; esac', 'case statement'],
    ['ls\nwget x', 'wget is not on the list'],
    ['eval ls', 'eval is not on the list'],
    ['"ls"', 'quoted or computed'],
    ['A=ls; $A', 'quoted or computed'],
    ['/bin/ls', 'a program by its path'],
    ['./other.sh', 'a program by its path'],
    ['echo ${A:-b}', 'computes a value'],
    ['cat <<E\n$(id)\nE', 'quote its delimiter'],
    ['ls > a b', 'words after a redirection'],
    ['cat <<E x\nE', 'words after a here-document'],
    ["cat <<'A' && cat <<'B'\nA\nB", 'not complete bash'],
    ['a=(1 2)', 'array'],
    ['X[0]=1', 'array element'],
    ['(( 1 ))', 'arithmetic'],
    ["[[ 'a[$(id)]' -eq 1 ]]", 'single brackets'],
    ["test -v 'a'", 'evaluates'],
    ['echo "$[1+1]"', 'construct'],
    ['ls "', 'not complete bash'],
    ['ls\r\nid', 'U+000d'],
    ['ls \u00a0a', 'U+00a0'],
    ['l\\\ns', 'line break inside a word'],
    ['for PATH in a; do ls; done', 'PATH'],
    [`${'true; '.repeat(41)}`, 'more than 40 commands'],
    [`echo ${'a'.repeat(9_000)}`, '8 kB'],
    ['for f in a; do cd app; done', 'loop whose body changes the directory'],
    ['coproc ls', 'coproc'],
    ['export -n X', 'export'],
    ['! export PATH=./evil; ls', 'export'],
    ['ls\n\\wget x', 'line end inside a command'],
    ['declare -x A=1', 'declare'],
  ])('%j', (command, expected) => {
    expect(reason(command)).toContain(expected);
    expect(reason(command)).toContain('Instead: ');
  });
});

describe('the rules of each program', () => {
  test.each([
    ['git -c core.pager=x log', 'before the subcommand'],
    ['git push origin main', 'reaches other repositories'],
    ['git reset --hard HEAD~1', 'history'],
    ['git reset HEAD~1', 'move the branch'],
    ['git commit --amend', 'history'],
    ['git commit --am', 'history'],
    ['git grep --open=x y', 'runs another program'],
    ['git branch -D main', '-D'],
    ['git clean -fdx', 'ignored files'],
    ['git config core.hooksPath x', 'user.name'],
    ['git rebase main', 'git rebase'],
    ['git diff --output=/etc/x', 'outside'],
    ['git log --no-index', 'outside'],
    ['git constructor', 'git constructor'],
    ['docker run -v /:/h alpine', 'off in the sandbox'],
    ['docker compose up -d', 'DATABASE_URL'],
    ['docker -H tcp://x ps', 'off in the sandbox'],
    ['pkill -f "node|postgres"', 'one pattern'],
    ['pkill node python', 'one pattern'],
    ['kill -9 -1', 'one process'],
    ['pip install -i http://x y', 'configured index'],
    ['pip install --index x y', 'configured index'],
    ['pip install git+https://x/y', 'package of the index'],
    ['pip config set a b', 'pip config'],
    ['pip install -t /x y', 'environment only'],
    ['npm publish', 'npm publish'],
    ['npm install -g x', '-g'],
    ['npm exec x', 'npm exec'],
    ['npm install x --registry=http://y', '--registry'],
    ['python -m http.server', 'http.server'],
    ['python /etc/x.py', 'outside'],
    ['python', 'wait for input'],
    ['python -i', '-i'],
    ['node -r ./x y.js', '-r'],
    ['curl http://example.com', 'of this project'],
    ['curl localhost -K x', 'options from a file'],
    ['curl http://localhost@evil.com/', 'of this project'],
    ['curl localhost:1 localhost:2', 'one URL'],
    ['curl -d @/etc/passwd localhost', 'outside'],
    ['curl -o /etc/x localhost', 'outside'],
    ['curl "$X/health"', 'only known at run time'],
    ['find . -exec ls {} +', '-exec'],
    ['find . -name *.py', 'without quotes'],
    ["sed '1e id' a", 'sed script'],
    ["sed 's/a/b/e' a", 'sed script'],
    ["sed 's/a/b/w x' a", 'sed script'],
    ['sort --compress-program=x a', '--compress-program'],
    ['tail -f a', 'never ends'],
    ['sleep 1000', 'at most'],
    ['timeout 5 bash', 'bash is not on the list'],
    ['timeout 5 cd app', 'by itself'],
    ['grep -f /etc/passwd a', 'outside'],
    ['rm -rf .', 'whole project'],
    ['rm -rf *', 'covers feature_list.json'],
    ['cp app/feature_list.json .', "can't be changed"],
    ['cp app/* .', 'name each file'],
    ['mv feature_list.json x', "can't be changed"],
    ['tee .git/config', 'only git itself'],
    ['chmod u+s a', 'chmod'],
    ['cd', 'name one directory'],
    ['cd -', 'name one directory'],
    ['uvicorn a:b --uds x', 'TCP port'],
    ['pytest --basetemp=/etc', 'outside'],
    ['command ls', 'around these rules'],
    ['source .venv/bin/activate', 'directly'],
    ['bash -c ls', './init.sh'],
    ['ls | xargs cat', 'for loop'],
    ['LD_PRELOAD=x ls', 'LD_PRELOAD'],
    ['GIT_DIR=x git status', 'GIT_DIR'],
    ['PYTHONPATH=/x python a.py', 'outside'],
    ['NODE_OPTIONS=x node a.js', 'NODE_OPTIONS'],
    ['PYTHONSTARTUP=x python a.py', 'PYTHONSTARTUP'],
    ['https_proxy=x pip list', 'https_proxy'],
  ])('%s', (command, expected) => {
    expect(reason(command)).toContain(expected);
  });

  test('every program states why it is allowed', () => {
    expect(describePrograms().filter(({ why }) => why === '')).toEqual([]);
  });
});

describe('paths', () => {
  test.each([
    ['cat ../x', 'outside'],
    ['cat outward/passwd', 'outside'],
    ['cat dangling', 'outside'],
    ['echo x > dangling', 'outside'],
    ['cat outward/../hostname', 'outside'],
    ['cat */../../x', 'climbs out'],
    ['ls ~', 'home directory'],
    ['cat /dev/sda', 'device'],
    ['echo x > feature_list.json', "can't be changed"],
    ['echo x > .claude_settings.json', "can't be changed"],
    ['echo x > app/../.git/hooks/pre-commit', 'only git itself'],
    ['cd app && echo x > ../feature_list.json', "can't be changed"],
    ['cd nowhere; cat ../x', 'outside'],
    ['X=/etc/passwd; cat $X', 'outside'],
    ['for f in a /etc/passwd; do cat $f; done', 'outside'],
    ['cat $X', 'only known at run time'],
    ['echo x > "$X"', 'only known at run time'],
    ['while true; do cat $X; X=/etc/passwd; done', 'outside'],
    ['cat a{b,/../../../etc}/x', 'outside'],
  ])('%s', (command, expected) => {
    expect(reason(command)).toContain(expected);
  });

  test('the editor tool is held to the same rules', () => {
    expect(policy.checkPath('app/main.py', 'write')).toEqual({ verdict: 'allow' });
    expect(policy.checkPath(path.join(projectDir, 'feature_list.json'), 'read')).toEqual({ verdict: 'allow' });
    for (const file of ['feature_list.json', '.git/config', 'outward/x', '/etc/passwd', '../x']) {
      expect(policy.checkPath(file, 'write').verdict).toBe('deny');
    }
  });
});

describe('check-command', () => {
  test('a line in, a line out', async () => {
    expect(JSON.parse(await checkCommandLine('{"cmd": "ls", "cwd": "/workspace/project"}'))).toEqual({
      cmd: 'ls',
      verdict: 'allow',
      reason: '',
    });
    expect(JSON.parse(await checkCommandLine('{"cmd": "rm -rf /"}'))).toMatchObject({
      verdict: 'deny',
      reason: expect.stringContaining('outside'),
    });
    for (const line of ['', '[]', '{"cmd": 1}', 'null', '{"cmd": ""}']) {
      expect(JSON.parse(await checkCommandLine(line))).toMatchObject({ verdict: 'deny' });
    }
  });
});
