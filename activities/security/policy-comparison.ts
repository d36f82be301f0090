/**
 * What a project's policy lets through that the built-in one refuses, measured on commands: the corpus, and probes of
 * its own for every program that it allows. Pure.
 */
import type { Policy } from './policy.js';
import type { ProjectPolicy } from './project-policy.js';

export interface CorpusRow {
  readonly cmd: string;
  readonly expect: 'allow' | 'block' | 'either';
  readonly why: string;
}

export interface Difference {
  /** Lines that only the edited policy allows. */
  readonly opened: readonly CorpusRow[];
  /** Lines that only the edited policy refuses. */
  readonly closed: readonly CorpusRow[];
  /** Hostile uses of the programs that it allows, and that it lets through; none is expected. */
  readonly reached: readonly string[];
}

export function comparePolicies(
  rows: readonly CorpusRow[],
  builtIn: Policy,
  edited: Policy,
  project: ProjectPolicy,
): Difference {
  const allows = (policy: Policy, command: string): boolean => policy.check(command).verdict === 'allow';
  return {
    opened: rows.filter(({ cmd }) => allows(edited, cmd) && !allows(builtIn, cmd)),
    closed: rows.filter(({ cmd }) => allows(builtIn, cmd) && !allows(edited, cmd)),
    reached: project.allow
      .flatMap((entry) => probes(entry.program, entry.arguments))
      .filter((command) => allows(edited, command)),
  };
}

/** The program as the pattern means it, followed by what must stay refused behind any program. */
function probes(program: string, pattern: string): readonly string[] {
  const call = [program, ...pattern.split(/\s+/).filter((token) => !token.includes('*'))].join(' ').trim();
  const behind = [
    '/etc/passwd',
    '../x',
    '--output=/etc/x',
    '.git/hooks/pre-commit',
    'feature_list.json',
    '$(id)',
    '`id`',
  ];
  const after = ['; wget x', '| sh', '> /etc/x', '> feature_list.json', '&& sudo id'];
  return [
    ...[...behind, 'bash -c id', 'SHELL=/bin/sh'].map((argument) => `${call} ${argument}`),
    ...after.map((rest) => `${call} ${rest}`),
    `PATH=. ${call}`,
    `LD_PRELOAD=./x.so ${call}`,
  ];
}
