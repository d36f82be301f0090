/**
 * The activity `runSession`: takes the lease, opens sandbox and journal, runs the agent loop to its ending, leaves the
 * work tree committed. Only wiring; each part has a file of its own.
 */

import { renderPrompts } from '../prompts/render.js';
import type { SessionOutcome, SessionRequest } from '../workflows/contract.js';
import { EMPTY_TALLY, NO_USAGE } from '../workflows/contract.js';
import type { Heartbeat } from '../workflows/progress.js';
import { budgetReached } from './agent/budget.js';
import { systemClock } from './agent/clock.js';
import { openJournal } from './agent/journal.js';
import { runSession as runAgent, type SessionEnding } from './agent/loop.js';
import { createModel, type Model } from './agent/model.js';
import { notesDelivered } from './agent/session-state.js';
import { recordAnswers } from './backends/questions-backend.js';
import { sessionGuidance } from './backends/session-guidance.js';
import { prices } from './build-usage.js';
import { tally } from './features/ledger.js';
import { readLedger } from './features/ledger-file.js';
import { interruptible } from './interruptible.js';
import { interruption, type Liveness, withLiveness } from './liveness.js';
import { openSessionBench, type SessionBench } from './session-bench.js';
import { observer } from './session-observer.js';
import { sessionTools } from './session-tools.js';
import type { Dependencies } from './workshop.js';
import { recordSessionBegun, recordSessionEnded } from './workspace/build-state.js';
import { asIncumbent } from './workspace/incumbent.js';
import { NO_STALLS, writeStalls } from './workspace/stalls.js';

/** Tokens of every kind in one session, above which it ends and is verified: a runaway, not a budget. */
const MAX_SESSION_TOKENS = 20_000_000;

export async function runSession(dependencies: Dependencies, request: SessionRequest): Promise<SessionOutcome> {
  const model = modelFor(dependencies, request);
  if (model === null) return keyMissing(request.settings.model);
  const beat: Heartbeat = {
    ...{ session: request.session, activity: 'session', turn: 0, lastTool: '' },
    ...{ inputTokens: 0, outputTokens: 0, casesPassing: 0, casesTotal: 0, at: '' },
  };
  return withLiveness(beat, (live) =>
    interruptible<SessionOutcome>(
      () =>
        asIncumbent(request.projectDir, async (overtaken) => {
          const bench = await openSessionBench(dependencies, request);
          try {
            const signal = AbortSignal.any([live.signal, overtaken]);
            return await runWith(bench, request, model, { ...live, signal });
          } finally {
            await bench.close();
          }
        }),
      () => ({ kind: 'paused', turn: 0, usage: NO_USAGE }),
    ),
  );
}

async function runWith(
  bench: SessionBench,
  request: SessionRequest,
  model: Model,
  live: Liveness,
): Promise<SessionOutcome> {
  const { folder } = bench.workshop;
  const { path } = folder;
  await (await bench.git()).removeStaleLocks();
  await recordSessionBegun(folder, request.session, request.phase);
  if (request.retrySetAside === true) await writeStalls(path, NO_STALLS);
  const journal = await openJournal(path, request.session, bench.lease);
  const guidance = sessionGuidance(request, (told) =>
    bench.lease.assertCurrent().then(() => recordAnswers(path, told)),
  );
  try {
    const ledger = await readLedger(path);
    const { system, firstMessage } = renderPrompts({
      ...request.settings,
      phase: request.phase,
      session: request.session,
      projectName: bench.model.project.name,
      spec: bench.spec,
      tally: ledger === null ? EMPTY_TALLY : tally(ledger),
    });
    const ending = await runAgent({
      phase: request.phase,
      model,
      tools: await sessionTools(bench, request, live),
      journal,
      systemPrompt: system,
      firstMessage,
      limits: { maxTurns: request.settings.maxTurns, maxTokens: MAX_SESSION_TOKENS, maxMinutes: null },
      signal: live.signal,
      notes: guidance.notes,
      budget: (usage) => budgetReached(guidance.budget(), request.spent ?? NO_USAGE, usage, Date.now()),
      priceOf: await prices(bench.locations),
      observe: observer(bench.events, live, request),
      clock: systemClock,
    });
    return { ...(await leave(bench, request, ending)), notesDelivered: notesDelivered(journal.entries) };
  } finally {
    await journal.close();
  }
}

/** Whatever the ending, the work tree is committed; an attempt that the server disowned writes nothing any more. */
async function leave(bench: SessionBench, request: SessionRequest, ending: SessionEnding): Promise<SessionOutcome> {
  const { usage } = ending;
  if (interruption() === 'disowned') return { kind: 'paused', turn: 0, usage }; // replaced by CancelledFailure
  await bench.lease.assertCurrent(); // before anything of the project is touched
  await bench.restoreHarnessFiles();
  await bench.lease.assertCurrent();
  const { session, phase } = request;
  const over = ending.kind === 'ended';
  const message = over ? `Session ${session}: ${phase}` : `Session ${session}: ${phase}, in progress`;
  const git = await bench.git();
  const commit = (await git.commitAll(message)) ?? (await git.head()) ?? '';
  switch (ending.kind) {
    case 'ended':
      await recordSessionEnded(bench.workshop.folder, session, commit);
      return { kind: 'ended', reason: ending.reason, turns: ending.turns, usage, commit };
    case 'wait':
      return { kind: 'wait', reason: ending.reason.slice(0, 500), until: ending.until, usage };
    case 'aborted':
      return { kind: 'paused', turn: ending.turn, usage };
    case 'needs_attention':
      return { kind: 'needs_attention', attention: ending.attention, usage };
  }
}

/** Null when the model is a live one and the worker has no key: the build parks with the cure. */
function modelFor({ config, services }: Dependencies, { settings }: SessionRequest): Model | null {
  if (settings.model === 'offline') {
    return createModel({
      model: 'offline',
      apiKey: 'offline',
      baseUrl: services.offlineModelUrl ?? 'http://127.0.0.1:9',
    });
  }
  const {
    ANTHROPIC_API_KEY: apiKey,
    ANTHROPIC_AUTH_TOKEN: authToken,
    ANTHROPIC_BASE_URL: baseUrl,
  } = config.environment;
  if (!apiKey && !authToken) return null;
  return createModel({
    model: settings.model,
    ...(apiKey ? { apiKey } : {}),
    ...(authToken ? { authToken } : {}),
    ...(baseUrl ? { baseUrl } : {}),
  });
}

function keyMissing(model: string): SessionOutcome {
  const attention = {
    kind: 'key_missing',
    problem: `the model ${model} needs a key, and this worker has none`,
    cure: 'set ANTHROPIC_API_KEY and give the build command again (its worker is replaced), or build with --model offline',
  };
  return { kind: 'needs_attention', attention, usage: NO_USAGE };
}
