/** One set-up of a checkout at a time: the second one waits and says so. A dead owner's lock is taken over. */
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { digest, root } from './place.mjs';
import { say } from './steps.mjs';

const file = path.join(tmpdir(), `nightshift-set-up-${process.getuid?.() ?? 0}-${digest(root)}.lock`);

/** Holds the lock while the work lasts. */
export async function withLock(work) {
  await take();
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

async function take() {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) }), { mode: 0o600 });
  const since = Date.now();
  let said = 0;
  try {
    while (!tryLink(mine)) {
      const owner = readOwner();
      if (owner && startTimeOf(owner.pid) !== owner.startTime) rmSync(file, { force: true });
      else if (owner && Date.now() - said > 4_500) {
        said = Date.now();
        say(
          `another set-up of this checkout is at work (pid ${owner.pid}); waiting, ${Math.round((said - since) / 1000)} s`,
        );
      }
      await delay(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryLink(mine) {
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readOwner() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** Names one process for ever, together with its pid; null when there is none. */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (process.platform === 'linux') return null;
  }
  try {
    process.kill(pid, 0);
    return 'exists';
  } catch {
    return null;
  }
}
