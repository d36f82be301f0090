/** The terminal as a value: lines out, a sticky block, Ctrl+C. The only writer to stdout and stderr of the commands. */
import { createInterface } from 'node:readline/promises';
import { createLogUpdate } from 'log-update';

export interface Terminal {
  readonly interactive: boolean;
  readonly columns: number;
  /** One line to stdout, above the sticky block. */
  line(text: string): void;
  /** One line to stderr. */
  problem(text: string): void;
  /** Replaces the sticky block; does nothing where stdout is no terminal. */
  block(text: string): void;
  /** Calls back for each Ctrl+C and TERM until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** True when a person can be asked: both ends are a terminal. */
  readonly canAsk: boolean;
  /** Asks and waits for Enter; null when the person ends it instead (Ctrl+C, Ctrl+D). */
  ask(question: string): Promise<string | null>;
}

export function processTerminal(): Terminal {
  const interactive = process.stdout.isTTY === true;
  const sticky = createLogUpdate(process.stdout);
  let shown = '';
  const above = (write: () => void): void => {
    if (shown !== '') sticky.clear();
    write();
    if (shown !== '') sticky(shown);
  };
  // A closed pipe (`nightshift status | head`) ends the output, never the build.
  process.stdout.on('error', ignoreClosedPipe);
  return {
    interactive,
    canAsk: interactive && process.stdin.isTTY === true,
    get columns() {
      return process.stdout.columns ?? 100;
    },
    line: (text) => above(() => process.stdout.write(`${text}\n`)),
    problem: (text) => above(() => process.stderr.write(`${text}\n`)),
    block: (text) => {
      if (!interactive) return;
      shown = text;
      if (text === '') sticky.clear();
      else sticky(text);
    },
    onInterrupt: (handler) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handler);
      return () => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, handler);
      };
    },
    ask,
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

async function ask(question: string): Promise<string | null> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<null>((resolve) => reader.once('close', () => resolve(null)));
  try {
    const answer = await Promise.race([reader.question(question), ended]);
    if (answer === null) process.stdout.write('\n');
    return answer;
  } finally {
    reader.close();
  }
}
