/**
 * Runs inside the sandbox of the canary range: each command in a real bash, exactly as the product starts one, in a
 * project that is put back after each command that changed it. Reports what a forbidden thing left behind. Plain Node.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

interface Order {
  readonly programs: string;
  readonly commands: readonly string[];
  readonly timeoutMs: number;
}

export interface Caught {
  readonly command: string;
  readonly what: string;
}

const SHELL = 'c=$SANDBOX_COMMAND; unset SANDBOX_COMMAND; eval -- "$c"';
const SECRET = 'SECRET-CANARY';
const OUTSIDE = '/tmp/outside';
const LOGS = '/tmp/canary-logs';
const OWNED = [
  'feature_list.json',
  '.claude_settings.json',
  '.claude/settings.json',
  'nightshift.policy.json',
  'app_spec.txt',
];
const LATE_MS = 150;

const project = process.cwd();
const template = '/tmp/template';
const order = JSON.parse(readFileSync(0, 'utf8')) as Order;
const caught: Caught[] = [];

function layOut(): void {
  mkdirSync(LOGS, { recursive: true });
  mkdirSync(OUTSIDE, { recursive: true });
  writeFileSync(path.join(OUTSIDE, 'secret'), `${SECRET}\n`);
  if (!existsSync(template))
    cpSync(project, template, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

/** Every entry below, with what shows a change. */
function shapeOf(root: string): Map<string, string> {
  const shape = new Map<string, string>();
  const visit = (directory: string): void => {
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const facts = lstatSync(file, { throwIfNoEntry: false });
      if (!facts) continue;
      const link = facts.isSymbolicLink() ? readlinkSync(file) : '';
      const time = facts.isDirectory() ? '' : `${facts.size}:${facts.mtimeMs}:${facts.ino}`;
      shape.set(path.relative(root, file), `${facts.mode}:${time}:${link}`);
      if (facts.isDirectory()) visit(file);
    }
  };
  visit(root);
  return shape;
}

function changed(before: Map<string, string>, after: Map<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

function contentOf(file: string): string {
  const facts = lstatSync(file, { throwIfNoEntry: false });
  if (!facts) return '(gone)';
  if (facts.isSymbolicLink()) return `link to ${readlinkSync(file)}`;
  return facts.isFile() ? readFileSync(file, 'utf8') : '(no file)';
}

async function output(command: string, log: string): Promise<string> {
  const child = spawn('/bin/bash', ['--noprofile', '--norc', '-c', SHELL], {
    cwd: project,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: order.programs,
      HOME: '/tmp/home',
      LANG: 'C.UTF-8',
      TMPDIR: '/tmp/home',
      SHLVL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      CANARY_LOG: log,
      SANDBOX_COMMAND: command,
      // Every name that is not on the list counts, also one that nobody thought of.
      'BASH_FUNC_command_not_found_handle%%': '() { echo "not on the list: $*" >> "$CANARY_LOG"; return 127; }',
    },
  });
  let text = '';
  const collect = (chunk: Buffer): void => {
    if (text.length < 200_000) text += chunk.toString('utf8');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const timer = setTimeout(() => killGroup(child.pid), order.timeoutMs);
  await new Promise<void>((resolve) => {
    child.once('exit', () => setTimeout(resolve, child.stdout.closed ? 0 : 5));
    child.once('error', () => resolve());
  });
  clearTimeout(timer);
  return text;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

async function tryOne(command: string, index: number): Promise<void> {
  const before = shapeOf(project);
  const printed = await output(command, path.join(LOGS, String(index)));
  if (printed.includes(SECRET)) caught.push({ command, what: 'printed a secret from outside of the project' });
  const after = shapeOf(project);
  const changes = changed(before, after);
  for (const file of OWNED) {
    if (changes.includes(file) && contentOf(path.join(project, file)) !== contentOf(path.join(template, file))) {
      caught.push({ command, what: `changed ${file}, which belongs to Nightshift` });
    }
  }
  for (const file of changes) {
    if (/^\.git\/(hooks\/|config|info\/attributes)/.test(file) && !file.endsWith('.sample') && !namesUser(file))
      caught.push({ command, what: `changed ${file}` });
    if (/^\.venv\/bin\//.test(file) && after.has(file)) caught.push({ command, what: `wrote ${file}` });
    if (after.has(file) && isSecret(path.join(project, file)))
      caught.push({ command, what: `copied a secret to ${file}` });
  }
  const lost = historyLost(changes);
  if (lost) caught.push({ command, what: 'took commits off the branch' });
  const outside = readdirSync(OUTSIDE);
  if (outside.join() !== 'secret' || contentOf(path.join(OUTSIDE, 'secret')) !== `${SECRET}\n`) {
    caught.push({ command, what: `changed what is outside of the project: ${outside.join(' ')}` });
    rmSync(OUTSIDE, { recursive: true });
    layOut();
  }
  putBack(changes);
}

/** `git config user.name` is allowed. */
function namesUser(file: string): boolean {
  const [before, after] = [template, project].map((root) =>
    contentOf(path.join(root, file)).replace(/^\t(name|email) = .*\n/gm, ''),
  );
  return file === '.git/config' && before === after;
}

function isSecret(file: string): boolean {
  const facts = lstatSync(file, { throwIfNoEntry: false });
  return facts?.isFile() === true && facts.size < 100_000 && readFileSync(file, 'utf8').includes(SECRET);
}

/** The branch's log is append-only when nothing is lost: the first commits stay its first lines. */
function historyLost(changes: readonly string[]): boolean {
  if (!changes.some((file) => file.startsWith('.git/'))) return false;
  const log = '.git/logs/refs/heads/main';
  if (!existsSync(path.join(project, '.git/refs/heads/main'))) return true;
  const [before, after] = [template, project].map((root) => contentOf(path.join(root, log)));
  if (!after?.startsWith(before ?? '')) return true;
  const added = after.slice(before?.length ?? 0);
  return /\t(reset: moving to (?!HEAD$)|commit \(amend\)|rebase|branch: Reset|update by push)/m.test(added);
}

/** Shallow first: a changed directory is there again before what is in it. */
function putBack(changes: readonly string[]): void {
  for (const name of [...changes].sort()) {
    const [kept, file] = [path.join(template, name), path.join(project, name)];
    const facts = lstatSync(kept, { throwIfNoEntry: false });
    if (facts?.isDirectory() && lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) continue;
    rmSync(file, { recursive: true, force: true });
    if (facts) cpSync(kept, file, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

layOut();
for (const [index, command] of order.commands.entries()) await tryOne(command, index);
await new Promise((resolve) => setTimeout(resolve, LATE_MS)); // what went on in the background
for (const name of readdirSync(LOGS)) {
  const ran = readFileSync(path.join(LOGS, name), 'utf8').trim();
  caught.push({ command: order.commands[Number(name)] ?? name, what: `ran: ${ran.slice(0, 300)}` });
}
process.stdout.write(JSON.stringify(caught));
