/**
 * The workflow: asks state.ts for the next step, runs it as an activity, applies the event. Everything a person sends
 * arrives as a message and changes the state between two awaits; every wait is a durable condition or timer.
 * Deterministic: no Node imports, no I/O.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Attention, BuildActivities, BuildInput, BuildReference } from './contract.js';
import { deadlineOf } from './guidance.js';
import { type Handled, handleMessages } from './handlers.js';
import { CONTINUE_AS_NEW_EVENTS, preparePolicy, sessionPolicy, verifyPolicy } from './policies.js';
import type { Progress } from './progress.js';
import { progressOf, progressPage } from './progress-page.js';
import { searchAttributesOf } from './search-attributes.js';
import { type BuildState, carry, initialState, inputProblem, nextStep, type Step } from './state.js';
import {
  drained,
  ended,
  parked,
  prepared,
  sessionReturned,
  sessionStarted,
  verified,
  waitOver,
} from './transitions.js';

export async function buildBackend(input: BuildInput): Promise<Progress> {
  const problem = inputProblem(input);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'InputUnusable');
  const build = new Build(input);
  handleMessages(build);
  await build.run();
  await condition(allHandlersFinished);
  return build.progress();
}

/** The thin effect loop. Holds the state and the scope of the activity under way, nothing else. */
class Build implements Handled {
  state: BuildState;
  private scope: CancellationScope | undefined;
  /** A person's word cancelled the scope, even if it has been taken back since (a resume right after a pause). */
  private interrupted = false;

  constructor(private readonly input: BuildInput) {
    const state = initialState(input);
    const deadline = state.deadline ?? deadlineOf(state.settings.maxHours, Date.now());
    this.state = { ...state, deadline };
  }

  progress(): Progress {
    return progressOf(this.state, this.input.projectDir);
  }

  /** Applies a transition and shows it; called by message handlers too. */
  apply(next: BuildState): void {
    this.state = next;
    setCurrentDetails(progressPage(this.progress(), new Date()));
  }

  /** Ends the activity under way: it journals, commits and returns `paused`. */
  interrupt(): void {
    this.interrupted = true;
    this.scope?.cancel();
  }

  async run(): Promise<void> {
    for (let step = nextStep(this.state); step.kind !== 'end'; step = nextStep(this.state)) {
      await this.take(step);
      this.upsert();
      await this.continueAsNewWhenLong(nextStep(this.state));
    }
    if (this.state.ended === null) this.apply(ended(this.state, 'stopped'));
    this.upsert();
  }

  private async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'prepare':
        return this.prepare();
      case 'hold':
        return this.hold();
      case 'rest':
        return this.apply(drained(this.state));
      case 'park':
        return this.apply(parked(this.state, step.attention));
      case 'session':
        return this.session(step);
      case 'verify':
        return this.verify();
      case 'finish':
        return this.finish(step.ending);
      case 'end':
        return;
    }
  }

  private async prepare(): Promise<void> {
    const acts = proxyActivities<BuildActivities>({ ...preparePolicy(), summary: 'prepare the workspace' });
    this.apply({ ...this.state, running: 'prepare' });
    const workspace = await this.attempt(() => acts.prepareWorkspace({ ...this.reference(), spec: this.input.spec }));
    this.apply({ ...this.state, running: null });
    if (workspace !== undefined) this.apply(prepared(this.state, workspace));
  }

  private async session(step: Step & { kind: 'session' }): Promise<void> {
    if (this.state.session > 0 && !this.state.sessionOpen) await this.breather();
    // what a person said meanwhile (a pause, a stop, a lower budget) decides anew
    const now = nextStep(this.state);
    if (now.kind !== 'session' || now.session !== step.session) return;
    const summary = `session ${step.session} (${step.phase})`;
    const acts = proxyActivities<BuildActivities>({ ...sessionPolicy(this.state.settings), summary });
    const { retrySetAside } = this.state;
    this.apply(sessionStarted(this.state, step.session));
    const { notes, answers, usage: spent, deadline } = this.state;
    const outcome = await this.attempt(() =>
      acts.runSession({
        ...this.reference(),
        session: step.session,
        phase: step.phase,
        notes,
        answers,
        spent,
        deadline,
        retrySetAside,
      }),
    );
    this.apply(outcome === undefined ? { ...this.state, running: null } : sessionReturned(this.state, outcome));
  }

  private async verify(): Promise<void> {
    const summary = `verify session ${this.state.session}`;
    const acts = proxyActivities<BuildActivities>({ ...verifyPolicy(this.state.settings), summary });
    this.apply({ ...this.state, running: 'verify' });
    const outcome = await this.attempt(() => acts.verify({ ...this.reference(), session: this.state.session }));
    this.apply(outcome === undefined ? { ...this.state, running: null } : verified(this.state, outcome));
  }

  private async finish(ending: 'done' | 'incomplete'): Promise<void> {
    const acts = proxyActivities<BuildActivities>({ ...verifyPolicy(this.state.settings), summary: 'finish: gates' });
    this.apply({ ...this.state, running: 'finish' });
    const outcome = await this.attempt(() => acts.finishBuild(this.reference()));
    this.apply({ ...this.state, running: null });
    if (outcome?.kind !== 'finished') return;
    this.apply(ended({ ...this.state, gates: outcome.gates, tally: outcome.tally }, ending));
  }

  /** The pause between sessions: a durable timer that a pause or a stop cuts short. */
  private async breather(): Promise<void> {
    const interrupted = (): boolean => this.state.paused || this.state.draining || this.state.stopping;
    const summary = 'before the next session';
    await condition(interrupted, `${this.state.settings.delaySeconds}s`, { summary });
  }

  /** Waits for a person, or for the time a `wait` outcome named. */
  private async hold(): Promise<void> {
    const until = this.state.waitingUntil;
    const moved = (): boolean => nextStep(this.state).kind !== 'hold';
    if (until === null || this.state.paused || this.state.attention !== null) {
      await condition(moved);
      return;
    }
    const left = Math.max(1, Date.parse(until) - Date.now());
    const changed = (): boolean => moved() || this.state.paused;
    if (!(await condition(changed, left, { summary: `waiting until ${until}` }))) this.apply(waitOver(this.state));
  }

  /** Runs one activity in a scope that pause and stop cancel. Undefined = interrupted or parked; the state says which. */
  private async attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
    this.interrupted = false;
    try {
      this.scope = new CancellationScope();
      return await this.scope.run(run);
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      if (isInterruption(error)) {
        if (!this.interrupted) throw error; // the workflow itself was cancelled
        return undefined;
      }
      this.apply(parked(this.state, attentionOf(error)));
      return undefined;
    } finally {
      this.scope = undefined;
    }
  }

  private reference(): BuildReference {
    const { projectDir } = this.input;
    return { workflowId: workflowInfo().workflowId, projectDir, settings: this.state.settings };
  }

  private upsert(): void {
    const known = this.state.prepared?.searchAttributes ?? [];
    const pairs = searchAttributesOf(this.progress(), known);
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }

  private async continueAsNewWhenLong(next: Step): Promise<void> {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    const betweenSessions = next.kind === 'session' && !this.state.sessionOpen;
    if (!betweenSessions || !(continueAsNewSuggested || historyLength > CONTINUE_AS_NEW_EVENTS)) return;
    await condition(allHandlersFinished);
    await continueAsNew<typeof buildBackend>({
      ...this.input,
      settings: this.state.settings,
      carried: carry(this.state),
    });
  }
}

/** A pause that met a dead worker shows as a heartbeat timeout with retry state CANCEL_REQUESTED: still a pause. */
function isInterruption(error: ActivityFailure): boolean {
  return isCancellation(error) || error.retryState === 'CANCEL_REQUESTED';
}

function attentionOf(error: ActivityFailure): Attention {
  const cause = error.cause;
  const kind =
    cause !== undefined && 'type' in cause && typeof cause.type === 'string' ? cause.type : 'ActivityFailure';
  return {
    kind,
    problem: `${error.activityType} failed: ${(cause?.message ?? error.message).slice(0, 1_000)}`,
    cure: 'mend the cause, then: nightshift resume (nothing is lost)',
  };
}
