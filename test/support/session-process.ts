/**
 * A session in a process of its own, to be killed: `node session-process.js <build folder> <model url>`. Its one tool,
 * `work`, says on stdout that it began and goes on when a line arrives on stdin.
 */
import { once } from 'node:events';
import { openJournal } from '../../activities/agent/journal.js';
import { sealJournals } from '../../activities/agent/journal-file.js';
import { runSession } from '../../activities/agent/loop.js';
import { createModel } from '../../activities/agent/model.js';
import { ok } from '../../activities/tools/tool.js';
import { takeLease } from '../../activities/workspace/lease.js';
import { InstantClock, recordingTool } from './agent-session.js';

const [, , buildDir = '', baseUrl = ''] = process.argv;
const lease = await takeLease({ buildDir, owner: 'child', seal: (range) => sealJournals(buildDir, range) });
const work = recordingTool('work', async () => {
  process.stdout.write('working\n');
  await once(process.stdin, 'data');
  return ok('worked');
});
try {
  const ending = await runSession({
    phase: 'coding',
    model: createModel({ model: 'claude-scripted', apiKey: 'test', baseUrl }),
    tools: [work],
    journal: await openJournal(buildDir, 1, lease),
    systemPrompt: 'You are a test.',
    firstMessage: 'Phase: coding',
    limits: { maxTurns: 50, maxTokens: null, maxMinutes: null },
    signal: new AbortController().signal,
    budget: () => null,
    priceOf: () => null,
    notes: async () => [],
    observe: () => undefined,
    clock: new InstantClock(),
  });
  process.stdout.write(`${ending.kind}\n`);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.name : 'unknown'}\n`);
}
process.exit(0);
