/**
 * Docker and compose: whoever reaches the Docker socket is root on the host. It isn't reachable in the sandbox; only
 * verbs that describe things pass, so that a message can say what to do instead.
 */
import { refuse } from '../refusal.js';
import { checkOptions, type Options, type RuleContext, type Rules } from './rule.js';

const DESCRIBING = new Set(['config', 'ps', 'version', 'images', 'logs', 'info', 'ls', '--version']);
const OPTIONS: Options = {
  '-f': 'read',
  '--file': 'read',
  '-q': 'flag',
  '--quiet': 'flag',
  '-a': 'flag',
  '--services': 'flag',
  '--version': 'flag',
  '--format': 'data',
  '--tail': 'data',
};

export const dockerRules: Rules = {
  docker: { why: 'describes only: the Docker socket is root on the host', whole: (context) => docker(context) },
  'docker-compose': {
    why: 'describes only: the Docker socket is root on the host',
    whole: (context) => describe(context),
  },
};

function docker(context: RuleContext): void {
  const [first, ...rest] = context.words;
  describe(first?.text === 'compose' ? { ...context, words: rest } : context);
}

function describe(context: RuleContext): void {
  const [first] = context.words;
  if (first?.text.startsWith('-') && !['-f', '--file', '--version'].includes(first.text)) refuseDocker(first.text);
  const known = context.words.every(
    ({ text }) => !text.startsWith('-') || Object.hasOwn(OPTIONS, text.split('=')[0] ?? ''),
  );
  if (!known) refuseDocker(context.words.map(({ text }) => text).join(' '));
  const operands = checkOptions({ why: '', options: OPTIONS }, context);
  const verb = operands[0]?.text ?? '--version';
  if (!DESCRIBING.has(verb)) refuseDocker(verb);
  for (const word of operands.slice(1)) if (!/^[\w.-]+$/.test(word.text)) refuseDocker(word.text);
}

function refuseDocker(what: string): never {
  return refuse(
    `docker ${what}: Docker is off in the sandbox`,
    'PostgreSQL already runs: use DATABASE_URL and TEST_DATABASE_URL, and start the app with uvicorn',
  );
}
