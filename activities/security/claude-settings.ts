/**
 * The policy in the words of Claude Code's settings, so that a project opened there keeps the same rules as far as that
 * format reaches: programs and subcommands, refused options, owned files, its sandbox. Pure text.
 */
import { NEVER } from './never.js';
import { ownedFiles } from './owned-files.js';
import { NO_PROJECT_POLICY, type ProjectPolicy } from './project-policy.js';
import { gitSubcommands } from './rules/git-subcommands.js';
import { deniedOptions, programNames } from './rules/programs.js';

/** Allowed there without asking only below a subcommand, or not at all: the format can't state the rest of the rule. */
const NOT_WHOLE = new Set([
  'git',
  'docker',
  'docker-compose',
  'kill',
  'pkill',
  'curl',
  'pip',
  'pip3',
  'npm',
  'find',
  'sed',
]);
const NARROWED = [
  ...['config', 'ps', 'images', 'version'].map((verb) => `docker compose ${verb}`),
  ...['uvicorn', 'python', 'pytest', 'node', 'npm'].map((name) => `pkill -f ${name}`),
  ...['install', 'list', 'show', 'freeze', 'check', 'uninstall'].flatMap((verb) => [`pip ${verb}`, `pip3 ${verb}`]),
  ...['install', 'ci', 'test', 'run', 'start', 'list', 'audit'].map((verb) => `npm ${verb}`),
  ...['http://127.0.0.1', 'http://localhost'].flatMap((url) => [`curl ${url}`, `curl -s ${url}`]),
  ...['find .', 'sed -n'],
];
const REFUSED = [
  ...['-c', '-C', '--exec-path', '--git-dir', '--work-tree', '--config-env'].map((option) => `git ${option}`),
  ...'push pull fetch clone remote submodule rebase filter-branch bisect difftool mergetool gc prune reflog\\ expire update-ref'
    .replaceAll('\\ ', '_')
    .split(' ')
    .map((verb) => `git ${verb.replace('_', ' ')}`),
  ...['run', 'exec', 'cp', 'build', '-H', '--host', 'compose up', 'compose run', 'compose exec'].map(
    (verb) => `docker ${verb}`,
  ),
  ...['-i', '--index-url', '--extra-index-url', '--target', '--prefix'].map((option) => `pip install * ${option}`),
  ...['publish', 'exec', 'config', 'login', 'install -g', 'install --global'].map((verb) => `npm ${verb}`),
  ...['-exec', '-execdir', '-ok', '-delete', '-fprint', '-fls'].map((action) => `find * ${action}`),
];
/** Secrets of the user's home; the project itself may lie in the home, so the home as a whole can't be named. */
const SECRETS = [
  '~/.ssh',
  '~/.aws',
  '~/.config',
  '~/.gnupg',
  '~/.docker',
  '~/.kube',
  '~/.netrc',
  '~/.npmrc',
  '~/.pypirc',
];

/** The value of the settings file, without Nightshift's mark. A project's own `allow` and `deny` lines are in it. */
export function claudeSettings(project: ProjectPolicy = NO_PROJECT_POLICY): Readonly<Record<string, unknown>> {
  return {
    sandbox: {
      enabled: true,
      failIfUnavailable: true,
      allowUnsandboxedCommands: false,
      autoAllowBashIfSandboxed: false,
      network: { allowLocalBinding: true },
    },
    permissions: {
      defaultMode: 'acceptEdits',
      disableBypassPermissionsMode: 'disable',
      allow: ['Read(./**)', 'Edit(./**)', 'Glob', 'Grep', ...commands(allowed(project))],
      deny: [...deniedFiles(), ...commands(denied(project))],
    },
  };
}

function allowed(project: ProjectPolicy): readonly string[] {
  const whole = programNames().filter((name) => !NOT_WHOLE.has(name) && name !== ':');
  const git = Object.keys(gitSubcommands).map((name) => `git ${name}`);
  const own = project.allow.map(
    ({ program, arguments: pattern }) => `${program} ${pattern.replace(/-{0,2}\*\*$/, '')}`,
  );
  return [...whole, ...git, ...NARROWED, './init.sh', ...own];
}

function denied(project: ProjectPolicy): readonly string[] {
  const programs = NEVER.flatMap((group) => group.programs).filter((name) => /^[a-z][\w-]*$/.test(name));
  const own = project.deny.map(
    ({ program, arguments: pattern = '' }) => `${program} ${pattern.replace(/-{0,2}\*\*$/, '')}`,
  );
  const options = deniedOptions().filter(({ option }) => option.startsWith('--'));
  return [...programs, ...REFUSED, ...options.map(({ program, option }) => `${program} * ${option}`), ...own];
}

function deniedFiles(): readonly string[] {
  const owned = [...ownedFiles, '.git/**', '.venv/**'].map((file) => `Edit(./${file})`);
  return [...owned, ...SECRETS.flatMap((place) => [`Read(${place})`, `Read(${place}/**)`])];
}

/** `git * -c` also stands for `git -c`: the format's `*` needs something between blanks. */
function commands(prefixes: readonly string[]): readonly string[] {
  const spelled = prefixes.flatMap((text) => (text.includes(' * ') ? [text, text.replace(' * ', ' ')] : [text]));
  return [...new Set(spelled.map((text) => text.trim()))].map((text) => `Bash(${text}:*)`);
}
