/**
 * Options that many subcommands of git share, and why some are refused.
 */
import { denied, type Kind, type Rule } from './rule.js';

export const RUNS = denied('it runs another program');
export const DESTROYS = denied('it destroys or rewrites history');
export const EDITOR = denied('there is no editor; give the text with -m');
export const data = (...names: string[]): Record<string, Kind> =>
  Object.fromEntries(names.map((name) => [name, 'data']));

/** Refused wherever they appear; a shortened form of one is refused too. */
export const EVERYWHERE: Record<string, Kind> = {
  '--exec': RUNS,
  '--ext-diff': RUNS,
  '--textconv': RUNS,
  '--upload-pack': RUNS,
  '--receive-pack': RUNS,
  '--open-files-in-pager': RUNS,
  '--strategy': RUNS,
  '--template': denied('it copies hooks'),
  '--no-index': denied('it reads outside of the project'),
  '--output': 'write',
  '--separate-git-dir': DESTROYS,
  '--edit': EDITOR,
  '--interactive': EDITOR,
  '--gpg-sign': RUNS,
  '--unsafe-paths': denied('it writes outside of the project'),
  '--work-tree': denied('it works on another tree'),
  '--git-dir': denied('it works on another repository'),
  '--sign': RUNS,
  '--signoff': 'flag',
};
export const reading: Rule = {
  why: 'reads the repository',
  options: {
    ...EVERYWHERE,
    ...data('-n', '--format', '--pretty', '--grep', '--author', '--since', '--until', '-S', '-G', '-L'),
  },
  otherOptions: 'flags',
  leadingGlob: true,
};
