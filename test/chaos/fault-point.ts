/**
 * Preloaded into every Node process of a chaos run (`NODE_OPTIONS=--import`), active in workers alone: watches the
 * points of fault.ts from outside, so that the product holds no test hooks. A kill is SIGKILL: nothing is cleaned up.
 */
import { appendFileSync, fstatSync, ftruncateSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { type Act, armedFault, callsFile, claimFault, FAULT_VARIABLE, type Fault } from './fault.js';

const file = process.env[FAULT_VARIABLE];
if (file !== undefined && process.argv[1]?.endsWith('/dist/workers/main.js') === true) await watch(file);

async function watch(file: string): Promise<void> {
  const hits = new Map<string, number>();
  /** The fault, when this is its point and its turn; then it is taken out of the file. */
  const due = (matches: (fault: Fault) => boolean): Fault | null => {
    const fault = armedFault(file);
    if (fault === null || !matches(fault)) return null;
    const nth = (hits.get(fault.id) ?? 0) + 1;
    hits.set(fault.id, nth);
    return 'nth' in fault && nth === fault.nth && claimFault(file) ? fault : null;
  };
  await watchJournal(due);
  watchRenames(due);
  watchModel(file, due);
  watchClock(file);
  syncBuiltinESMExports();
}

type Due = (matches: (fault: Fault) => boolean) => Fault | null;

/** Journal entries are appended and synced through file handles. */
async function watchJournal(due: Due): Promise<void> {
  const handle = await promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { appendFile, datasync } = prototype;
  const written = new WeakMap<FileHandle, string>();
  prototype.appendFile = function (this: FileHandle, data, ...rest) {
    const text = String(data);
    const fault = due(({ point, ...more }) => point === 'before-entry' && 'text' in more && text.includes(more.text));
    if (fault !== null) carryOut(fault, this);
    written.set(this, text);
    return appendFile.call(this, data, ...rest);
  };
  prototype.datasync = async function (this: FileHandle) {
    await datasync.call(this);
    const text = written.get(this) ?? '';
    const fault = due(({ point, ...more }) => point === 'after-entry' && 'text' in more && text.includes(more.text));
    if (fault !== null) carryOut(fault, this);
  };
}

function watchRenames(due: Due): void {
  const { rename } = promises;
  promises.rename = async (from, to) => {
    const fault = due((one) => one.point === 'before-rename' && String(to).endsWith(one.to));
    if (fault !== null) carryOut(fault);
    return rename(from, to);
  };
}

function watchModel(file: string, due: Due): void {
  const { fetch } = globalThis;
  globalThis.fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!url.endsWith('/v1/messages')) return fetch(input, init);
    appendFileSync(callsFile(file), '.');
    const armed = armedFault(file);
    const target = armed?.point === 'model-elsewhere' ? `${armed.url}/v1/messages` : input;
    const response = await fetch(target, init);
    const fault = due((one) => one.point === 'in-stream');
    return fault === null || response.body === null ? response : killedInStream(response, fault);
  };
}

function killedInStream(response: Response, fault: Fault): Response {
  const body = response.body?.pipeThrough(
    new TransformStream({
      transform: () => carryOut(fault),
    }),
  );
  return new Response(body ?? null, response);
}

function watchClock(file: string): void {
  const { now } = Date;
  Date.now = () => {
    const fault = armedFault(file);
    return now() + (fault?.point === 'clock' ? fault.ms : 0);
  };
}

function carryOut(fault: Fault, journal?: FileHandle): never {
  const act: Act = 'act' in fault ? fault.act : { kind: 'kill' };
  if (act.kind === 'lock-and-kill') writeFileSync(act.lock, '');
  if (act.kind === 'tear-and-kill' && journal !== undefined)
    ftruncateSync(journal.fd, Math.max(0, fstatSync(journal.fd).size - act.bytes));
  process.kill(process.pid, 'SIGKILL');
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
}
