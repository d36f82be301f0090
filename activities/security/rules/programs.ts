/**
 * All rules by program name: the allowlist itself.
 */
import { dockerRules } from './docker.js';
import { fileRules } from './files.js';
import { gitRules } from './git.js';
import { EVERYWHERE } from './git-options.js';
import { gitSubcommands } from './git-subcommands.js';
import { networkRules } from './network.js';
import { nodeRules } from './node.js';
import { processRules } from './processes.js';
import { pythonRules } from './python.js';
import type { Options, Rule, Rules } from './rule.js';
import { shellRules } from './shell.js';
import { textRules } from './text.js';

const RULES: Rules = {
  ...shellRules,
  ...fileRules,
  ...textRules,
  ...pythonRules,
  ...nodeRules,
  ...gitRules,
  ...dockerRules,
  ...networkRules,
  ...processRules,
};

/** Programs that the project's own environment may provide, as `.venv/bin/NAME`. */
const FROM_ENVIRONMENT = new Set(Object.keys(pythonRules));
const ENVIRONMENT = /^(?:\.\/)?(?:\.venv|venv)\/bin\/([\w.-]+)$/;

/** What to write instead of programs that models reach for. */
const HINTS: Readonly<Record<string, string>> = {
  bash: 'run the program itself, or ./init.sh',
  sh: 'run the program itself, or ./init.sh',
  source: 'call .venv/bin/python, .venv/bin/pytest … directly',
  '.': 'call .venv/bin/python, .venv/bin/pytest … directly',
  awk: 'use cut, grep, or a Python script',
  xargs: 'pass the names as arguments, or use a for loop',
  psql: 'use python with asyncpg, or alembic',
  npx: 'use npm run',
  wget: 'use curl to a server of the project',
  env: 'set variables before the program: NAME=value program',
  vi: 'use the editor tool',
  vim: 'use the editor tool',
  nano: 'use the editor tool',
  uv: 'use pip',
  poetry: 'use pip',
  ln: 'copy the file',
  read: 'use a for loop over words, or a Python script',
  jq: 'use python -m json.tool, or python -c',
  rg: 'use grep -rn',
  tree: 'use find . -maxdepth 2',
  make: 'run the commands of the target themselves; a person can allow make in nightshift.policy.json',
  createdb: 'the databases exist: use DATABASE_URL and TEST_DATABASE_URL',
  dropdb: 'use alembic downgrade base',
  pg_isready: 'PostgreSQL is ready: use DATABASE_URL',
  eval: 'write the command itself',
  exec: 'write the command itself',
  killall: 'use pkill -f with one pattern',
  gunicorn: 'use uvicorn',
  fastapi: 'use uvicorn app.main:app',
  flask: 'use uvicorn app.main:app',
  sudo: 'nothing here needs it',
};

export function ruleOf(name: string): Rule | undefined {
  const own = ENVIRONMENT.exec(name)?.[1];
  if (own !== undefined) return FROM_ENVIRONMENT.has(own) ? RULES[own] : undefined;
  return Object.hasOwn(RULES, name) ? RULES[name] : undefined;
}

export function hintFor(name: string): string {
  return (Object.hasOwn(HINTS, name) ? HINTS[name] : undefined) ?? `use one of ${programNames().join(' ')}`;
}

export function programNames(): string[] {
  return Object.keys(RULES).sort();
}

/** Name and reason of every program, for `nightshift policy`. */
export function describePrograms(): { readonly program: string; readonly why: string }[] {
  return programNames().map((program) => ({ program, why: RULES[program]?.why ?? '' }));
}

/** Options that are refused by name, with the reason. What no subcommand of git may have stands once, below `git`. */
export function deniedOptions(): { readonly program: string; readonly option: string; readonly why: string }[] {
  const own = Object.entries(gitSubcommands).map(([name, rule]) => [`git ${name}`, beyond(EVERYWHERE, rule)] as const);
  return [...Object.entries(RULES), ['git', { options: EVERYWHERE }] as const, ...own].flatMap(
    ([program, { options = {} }]) =>
      Object.entries(options).flatMap(([option, kind]) =>
        typeof kind === 'object' ? [{ program, option, why: kind.deny }] : [],
      ),
  );
}

function beyond(common: Options, { options = {} }: Rule): { readonly options: Options } {
  return { options: Object.fromEntries(Object.entries(options).filter(([name]) => !Object.hasOwn(common, name))) };
}
