/**
 * Commands that pass, damaged: pieces of shell syntax and hostile words put in, taken out and swapped at random places.
 * Finds what a grammar of commands can't think of, such as text that two parsers read differently.
 */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are bash
import fc from 'fast-check';
import { HOSTILE_TEMPLATES } from './constructs.js';
import { corpusRows } from './corpus.js';

const PIECES = [
  ...[
    ' evil/* ',
    ' evil/l* ',
    ' out*/secret ',
    ' */link ',
    ' ./*/list ',
    ' .claude/* ',
    'f*',
    ' .* ',
    'evil/link',
    'evil/list',
  ],
  ...[
    '\n',
    '\\\n',
    ' \\\n',
    '\n\\',
    '\n\n',
    '\t',
    ' ',
    '\\',
    '\\ ',
    "'",
    '"',
    '`',
    '$',
    '#',
    ' #',
    '\n#',
    '!',
    '! ',
    '~',
    '~/',
    '=',
  ],
  ...[
    '*',
    '?',
    '[',
    ']',
    '{',
    '}',
    ',',
    '..',
    '/',
    '-',
    ' - ',
    '--',
    ' -- ',
    ':',
    '@',
    '%',
    '^',
    '+',
    '0',
    '1',
    'é',
    '\u0301',
  ],
  ...[
    ';',
    '&',
    '|',
    '&&',
    '||',
    '|&',
    ';;',
    '(',
    ')',
    '((',
    '))',
    '[[',
    ']]',
    '{ ',
    '; }',
    '<',
    '>',
    '>>',
    '>|',
    '&>',
    '>&',
    '<&',
  ],
  ...[
    '<>',
    '<<<',
    ' <<E\n',
    " <<'E'\n",
    '\nE\n',
    '\nE',
    ' <<-E\n\t',
    "$'",
    '$"',
    '${A}',
    '$A',
    '"$A"',
    '$((',
    '$(',
    '${',
    '<(',
    '>(',
  ],
  ...[
    'canary',
    ' canary ',
    './canary',
    '\ncanary\n',
    ';canary;',
    '&canary&',
    '|canary',
    '$(canary)',
    '`canary`',
    '"$(canary)"',
  ],
  ...[
    'A=canary ',
    'A=-c ',
    'PATH=./evil ',
    'for A in canary -c; do ',
    '; done',
    'if ',
    '; then ',
    '; fi',
    'export ',
    'eval ',
  ],
  ...[
    'cd app && ',
    'cd ..;',
    'outward/secret',
    '/tmp/outside/secret',
    '../x',
    'feature_list.json',
    '.git/hooks/post-commit',
    'dangling',
  ],
  ...[
    ' -c ',
    ' -e ',
    ' -o ',
    ' --output=',
    ' -exec canary {} + ',
    '$\\',
    '\\$',
    "\\'",
    '\\"',
    '\\`',
    'A',
    '$_',
    '$0',
    '$@',
    '2>',
    '2>&1',
  ],
];

const bases = [
  ...corpusRows().map(({ cmd }) => cmd.replaceAll('wget', 'canary').replaceAll('/etc/passwd', '/tmp/outside/secret')),
  ...HOSTILE_TEMPLATES.map((template) => template.replaceAll(/X(?!DG_)/g, 'canary')),
].filter((text) => text.length < 400);

const edit = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), fc.constantFrom(...PIECES));

/** A command with up to four edits; sometimes two commands cut together. */
export const damagedCommand = fc
  .tuple(
    fc.constantFrom(...bases),
    fc.option(fc.constantFrom(...bases), { freq: 3 }),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
  )
  .map(([base, other, edits]) =>
    edits.reduce(damaged, other === null ? base : cutTogether(base, other, edits[0]?.[0] ?? 0.5)),
  );

/** `at` is a share of the text's length; `kind` is how many characters go. */
function damaged(text: string, [at, kind, piece]: readonly [number, number, string]): string {
  const place = Math.floor(at * (text.length + 1));
  return text.slice(0, place) + piece + text.slice(place + (kind === 3 ? 0 : kind));
}

const cutTogether = (a: string, b: string, at: number): string =>
  a.slice(0, Math.floor(at * a.length)) + b.slice(Math.floor(at * b.length));
