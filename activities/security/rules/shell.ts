/**
 * Builtins of the shell and programs that only run, delay or describe another command.
 */
import { refuse } from '../refusal.js';
import { flags } from './files.js';
import { checkPath, type Rule, type RuleContext, type Rules, refuseUnknown } from './rule.js';

const MAX_SLEEP_SECONDS = 120;
const MAX_TIMEOUT_SECONDS = 3_600;
const prints: Rule = { why: 'prints its arguments', anyText: true, leadingGlob: true, whole: () => undefined };
const nothing: Rule = { why: 'does nothing to files', whole: () => undefined };

export const shellRules: Rules = {
  echo: prints,
  printf: {
    why: 'prints its arguments; -v would evaluate a name',
    whole: ({ words }) => {
      const [format] = words;
      if (format && (/^-./.test(format.text) || format.unknown || format.glob))
        refuse('printf with an option or a computed format', "use printf '%s\\n' …");
    },
  },
  true: nothing,
  false: nothing,
  ':': nothing,
  pwd: { why: 'prints the directory', options: flags('-P', '-L'), operands: { deny: 'it takes none' } },
  export: {
    why: 'hands variables on; names and values are checked where they are assigned',
    whole: (context) => plainNames(context),
  },
  cd: { why: 'changes the directory inside the project', whole: (context) => cd(context) },
  test: { why: 'compares and looks at files', whole: (context) => test(context) },
  exit: { why: 'ends the command', whole: (context) => plainNumbers(context) },
  break: { why: 'leaves a loop', whole: (context) => plainNumbers(context) },
  continue: { why: 'goes on with a loop', whole: (context) => plainNumbers(context) },
  wait: { why: 'waits for background commands', whole: (context) => plainNumbers(context) },
  jobs: {
    why: 'lists background commands',
    options: flags('-l', '-p', '-r', '-s'),
    operands: { deny: 'it takes none' },
  },
  set: {
    why: 'makes the shell stop at errors',
    whole: ({ words }) => {
      const text = words.map((word) => word.text).join(' ');
      if (!/^([-+][eux]+|[-+][eux]*o pipefail)( [-+][eux]+)*$/.test(text))
        refuse(`set ${text}`, 'use set -euo pipefail');
    },
  },
  which: { why: 'tells where a program lies', options: flags('-a'), operands: 'data' },
  command: {
    why: 'tells whether a program exists',
    whole: ({ words }) => {
      if (words[0]?.text !== '-v')
        refuse('command without -v runs a program around these rules', 'name the program itself');
    },
  },
  date: {
    why: 'prints the time',
    options: { ...flags('-u', '-I', '--utc', '--iso-8601'), '-d': 'data' },
    operands: 'data',
  },
  sleep: { why: `waits, at most ${MAX_SLEEP_SECONDS} s`, whole: (context) => sleep(context) },
  timeout: { why: 'runs another allowed command for a bounded time', whole: (context) => timeout(context) },
  nohup: { why: 'runs another allowed command', whole: (context) => context.run(context.words) },
};

function cd(context: RuleContext): void {
  const [target, ...more] = context.words;
  if (target === undefined || more.length > 0 || target.text.startsWith('-') || target.text === '') {
    refuse(`cd ${context.words.map((word) => word.text).join(' ')}`, 'name one directory of the project');
  }
  if (target.glob) refuse('cd with a pattern', 'name the directory');
  checkPath(target, 'read', context);
}

const FILE_TESTS = /^-([a-hkprstuwxGLNOSe])$/;

function test(context: RuleContext): void {
  for (const [index, word] of context.words.entries()) {
    if (word.splits) refuse('test gets an unquoted unknown value', 'put it between double quotes');
    if (word.text === '-v' || word.text === '-R')
      refuse(`the test ${word.text} evaluates its argument`, 'test with -n "$NAME"');
    const previous = context.words[index - 1]?.text ?? '';
    const next = context.words[index + 1]?.text ?? '';
    const isFile = FILE_TESTS.test(previous) && !['=', '!=', '=='].includes(next);
    if ((isFile && !word.unknown) || /^-(nt|ot|ef)$/.test(previous)) checkPath(word, 'read', context);
    // In the place of an operator an unknown value could be -v.
    const first = index === 0 || ['!', '-a', '-o', '('].includes(previous);
    if (word.unknown && first && next !== '' && !isOperator(next)) refuseUnknown(context);
    if (/`|\$\(/.test(word.text)) refuse('test with $( or ` in a quoted text', 'compare with plain text');
  }
}

const isOperator = (text: string): boolean => /^(=|==|!=|<|>|=~|-eq|-ne|-lt|-le|-gt|-ge|-a|-o)$/.test(text);

function plainNumbers(context: RuleContext): void {
  for (const word of context.words) {
    if (!/^%?\d+$/.test(word.text))
      refuse(`${context.name} ${word.text}`, `use ${context.name} with a number or nothing`);
  }
}

/** Behind `!` or a redirection the grammar takes `export A=b` for a program with an argument: no assignment is seen then. */
function plainNames(context: RuleContext): void {
  for (const { text } of context.words) {
    if (!/^[A-Za-z_]\w*$/.test(text)) refuse(`export ${text} behind another word`, 'write export NAME=value by itself');
  }
}

function sleep(context: RuleContext): void {
  const [duration, ...more] = context.words;
  const seconds = durationSeconds(duration?.text ?? '');
  if (more.length > 0 || seconds === null || seconds > MAX_SLEEP_SECONDS) {
    refuse(
      `sleep ${context.words.map((word) => word.text).join(' ')}`,
      `wait at most ${MAX_SLEEP_SECONDS} s in one call`,
    );
  }
}

function timeout(context: RuleContext): void {
  const words = [...context.words];
  for (let word = words[0]; word?.text.startsWith('-'); word = words[0]) {
    words.shift();
    if (word.text === '-k' || word.text === '-s') {
      if (!/^\w+$/.test(words.shift()?.text ?? '')) refuse(`timeout ${word.text}`, 'use timeout SECONDS command');
    } else if (!/^(--foreground|--preserve-status|-[ks]\w+|--signal=\w+|--kill-after=\w+)$/.test(word.text)) {
      refuse(`the option ${word.text} of timeout`, 'use timeout SECONDS command');
    }
  }
  const seconds = durationSeconds(words.shift()?.text ?? '');
  if (seconds === null || seconds === 0 || seconds > MAX_TIMEOUT_SECONDS)
    refuse('timeout without a bounded duration', 'use timeout SECONDS command');
  context.run(words, true);
}

function durationSeconds(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d+)?)([smh]?)$/.exec(text);
  if (match === null) return null;
  const unit = { s: 1, m: 60, h: 3600 }[match[2] || 's'] ?? 1;
  return Number(match[1]) * unit;
}
