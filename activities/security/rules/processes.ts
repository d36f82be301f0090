/**
 * Looking at and ending the project's own processes. The sandbox has a pid namespace of its own; these rules keep the
 * habit of killing by broad pattern from taking more than was meant.
 */
import { refuse } from '../refusal.js';
import type { RuleContext, Rules } from './rule.js';

const SIGNAL = /^-(9|15|2|1|TERM|KILL|INT|HUP|SIGTERM|SIGKILL|SIGINT|SIGHUP)$/;
const DEV_PROCESS = /^(uvicorn|python3?|pytest|node|npm)([ ][\w .:/=-]*)?$/;

export const processRules: Rules = {
  ps: {
    why: 'lists processes',
    whole: ({ words }) => {
      for (const word of words) {
        if (
          /environ/.test(word.text) ||
          !/^(-[a-zA-Z]+|[auxwfl]{1,6}|-o|(pid|ppid|args|comm|cmd|[a-z%]+(,[a-z%]+)+)(=\w*)?|\d+|--sort=-?[\w%]+|--no-headers)$/.test(
            word.text,
          )
        )
          refuse(`ps ${word.text}`, 'use ps aux or ps -ef');
      }
    },
  },
  lsof: {
    why: 'tells which process listens on a port',
    whole: ({ words }) => {
      const allowed =
        /^(-[tnPi]*i?(TCP|UDP|tcp|udp)?(@(localhost|127\.0\.0\.1))?(:\d+)?|:\d+|(TCP|UDP|tcp|udp):\d+|-sTCP:LISTEN)$/;
      for (const word of words) if (!allowed.test(word.text)) refuse(`lsof ${word.text}`, 'use lsof -i :PORT');
    },
  },
  pgrep: { why: 'finds processes', whole: (context) => byPattern(context, /^-[flxac]+$/) },
  pkill: { why: 'ends one kind of dev process', whole: (context) => byPattern(context, /^-[fxne]+$/) },
  kill: {
    why: 'ends processes by number',
    whole: ({ words }) => {
      const targets = SIGNAL.test(words[0]?.text ?? '') ? words.slice(1) : words;
      if (targets.length === 0) refuse('kill without a process', 'name its number, %1 or $!');
      for (const { text } of targets) {
        if (!/^%?[1-9]\d*$/.test(text)) refuse(`kill ${text}`, 'kill one process by its number, %1 or $!');
      }
    },
  },
};

function byPattern(context: RuleContext, options: RegExp): void {
  const patterns = context.words.filter((word) => !SIGNAL.test(word.text) && !options.test(word.text));
  const [pattern] = patterns;
  if (
    pattern === undefined ||
    patterns.length > 1 ||
    pattern.unknown ||
    pattern.glob ||
    !DEV_PROCESS.test(pattern.text)
  ) {
    refuse(
      `${context.name} ${patterns.map((word) => word.text).join(' ')}`,
      `use ${context.name} -f with one pattern that starts with uvicorn, python, pytest, node or npm`,
    );
  }
}
