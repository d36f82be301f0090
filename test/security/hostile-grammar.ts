/**
 * Random bash: everyday commands, with hostile words and constructs mixed in at every place.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are bash
import fc from 'fast-check';

const plain = fc.constantFrom(
  'a.txt',
  'app',
  'app/main.py',
  '-n',
  '-l',
  '-r',
  '--',
  '-',
  '*',
  '*.txt',
  'app/*',
  './a.txt',
  'one',
  '1',
  '-1',
  '2',
  'HEAD',
  'main',
  '-m',
  '-e',
  '-c',
  '-i',
  '-x',
  '-O',
  '-p',
  '-f',
  '-s',
);
const hostile = fc.constantFrom(
  'canary',
  './canary',
  '$(canary)',
  '`canary`',
  '"$(canary)"',
  '"`canary`"',
  "'$(canary)'",
  "'canary'",
  '${A:-canary}',
  '$A',
  '"$A"',
  '-c',
  'alias.x=!canary',
  'x',
  '--exec=canary',
  '--upload-pack=canary',
  '-exec',
  '{}',
  '\\;',
  "'1e canary'",
  "'s/one/canary/e'",
  '--open-files-in-pager=canary',
  '-Ocanary',
  '--compress-program=canary',
  '<(canary)',
  '$((`canary`))',
  "$'canary'",
  '\\canary',
  'can""ary',
  '{canary,a}',
  "'a[$(canary)]'",
  '-v',
  '--strategy=canary',
  '$PWD/canary',
  '../x',
  '/etc/passwd',
  '.git/hooks/pre-commit',
  'evil/ls',
  '#',
  '!',
  '$_',
  '$0',
  '${PATH}',
);
const name = fc.constantFrom(
  'ls',
  'cat',
  'echo',
  'git',
  'git log',
  'git diff',
  'git grep',
  'git commit -q --allow-empty',
  'git add',
  'git status',
  'git merge',
  'find',
  'find .',
  'sed',
  'sed -n',
  'sort',
  'grep',
  'test',
  '[',
  'cp',
  'mv',
  'touch',
  'mkdir -p',
  'tee',
  'timeout 2',
  'nohup',
  'cd',
  'cd app',
  'pwd',
  'true',
  'false',
  'printf',
  'export',
  'head',
  'tail',
  'wc',
  'python',
  'python -m',
  'uniq',
  'diff',
  'seq',
  'tr',
  'cut',
  'command',
  'command -v',
  'set',
  'kill',
  'wait',
  'chmod',
  'rm',
  'curl',
  'canary',
  'eval',
  'exec',
  '.',
  'source',
  'env',
  './init.sh',
  '.venv/bin/python',
  'which',
);
const word = fc.oneof({ weight: 5, arbitrary: plain }, { weight: 2, arbitrary: hostile });
const assignment = fc
  .tuple(fc.constantFrom('A', 'B', 'PATH', 'GIT_PAGER', 'PYTHONPATH', 'IFS', 'i'), word)
  .map(([key, value]) => `${key}=${value}`);
const redirect = fc
  .tuple(fc.constantFrom('>', '>>', '<', '2>', '&>', '<<<', '>|', '2>&1 >', '<>'), word)
  .map(([operator, target]) => `${operator} ${target}`);

const simple = fc
  .tuple(fc.option(assignment, { freq: 6 }), name, fc.array(word, { maxLength: 4 }), fc.option(redirect, { freq: 6 }))
  .map(([prefix, program, words, to]) => {
    const closing = program === '[' ? [']'] : [];
    return [prefix, program, ...words, ...closing, to].filter((part) => part !== null).join(' ');
  });

const { statement } = fc.letrec<{ statement: string }>((tie) => ({
  statement: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    assignment,
    fc
      .tuple(
        tie('statement'),
        fc.constantFrom(' && ', ' || ', '; ', ' | ', '\n', ' & ', ' |& ', '&', ';'),
        tie('statement'),
      )
      .map((parts) => parts.join('')),
    tie('statement').map((inner) => `(${inner})`),
    tie('statement').map((inner) => `{ ${inner}; }`),
    tie('statement').map((inner) => `! ${inner}`),
    tie('statement').map((inner) => `echo "$(${inner})"`),
    tie('statement').map((inner) => `ls $(${inner})`),
    fc.tuple(tie('statement'), tie('statement')).map(([a, b]) => `if ${a}; then ${b}; fi`),
    fc.tuple(word, word, tie('statement')).map(([a, b, body]) => `for A in ${a} ${b}; do ${body}; done`),
    tie('statement').map((body) => `while ${body}; do break; done`),
    fc
      .tuple(fc.constantFrom('E', "'E'", '"E"', '\\E'), word, tie('statement'))
      .map(([mark, body, next]) => `cat <<${mark}\n${body}\nE\n${next}`),
    fc
      .tuple(fc.constantFrom('E', "'E'"), tie('statement'), word)
      .map(([mark, next, body]) => `cat <<${mark} && ${next}\n${body}\nE`),
    tie('statement').map((body) => `f() { ${body}; }; f`),
  ),
}));

export const hostileCommand = statement;
