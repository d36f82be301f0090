/**
 * `node dist/offline-model/main.js [--port N] [--host 127.0.0.1] [--faults file.json]`: prints its URL on a line of
 * its own once it listens, and ends on SIGTERM or SIGINT. Takes everything by flag, nothing from the environment.
 */
import { parseArgs } from 'node:util';
import { readFaultScript } from './faults.js';
import { startOfflineModel } from './server.js';

/** Exit codes: 2 = a flag that can't be used, 1 = it could not listen. */
async function main(): Promise<void> {
  const { port, host, faults } = options();
  const script = faults === undefined ? [] : await readFaultScript(faults);
  const model = await startOfflineModel({ port, host, faults: script });
  const stop = (): void => {
    model.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${model.url}\n`);
}

function options(): { port: number; host: string; faults: string | undefined } {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      faults: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) throw new TypeError(`--port ${values.port}: give 0 to 65535`);
  return { port, host: values.host, faults: values.faults };
}

function fail(error: unknown): void {
  process.stderr.write(`offline model: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof TypeError ? 2 : 1);
}

main().catch(fail);
