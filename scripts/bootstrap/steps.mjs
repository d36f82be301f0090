/** Slow work said aloud: what it is, how big, and how long it has taken; never silent for more than 5 seconds. */

const TICK_MS = { terminal: 1_000, plain: 5_000 };

export function say(line) {
  process.stderr.write(`nightshift: ${line}\n`);
}

/** Announces the work, ticks while it lasts, says how long it took. Failures pass through. */
export async function step(title, work) {
  const since = Date.now();
  const seconds = () => Math.round((Date.now() - since) / 1000);
  const terminal = process.stderr.isTTY === true;
  say(`${title} …`);
  const tick = () => process.stderr.write(terminal ? `\r\x1b[K  … ${seconds()} s` : `nightshift: … ${seconds()} s\n`);
  const timer = setInterval(tick, terminal ? TICK_MS.terminal : TICK_MS.plain);
  try {
    const result = await work();
    clearInterval(timer);
    if (terminal) process.stderr.write('\r\x1b[K');
    say(`  took ${((Date.now() - since) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    if (terminal) process.stderr.write('\r\x1b[K');
    throw error;
  } finally {
    clearInterval(timer);
  }
}
