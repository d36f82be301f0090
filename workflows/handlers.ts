/** Message handlers of `buildBackend`, registered before its first await. Each has a description for the Web UI. */
import { setHandler } from '@temporalio/workflow';
import { answered, answerProblem, budgetProblem, budgetRaised, noted, noteProblem } from './guidance.js';
import {
  type AnswerRequest,
  answerSignal,
  answerUpdate,
  type BudgetRequest,
  checkpointSignal,
  guidanceQuery,
  pauseAfterSessionSignal,
  pauseSignal,
  progressQuery,
  raiseBudgetSignal,
  raiseBudgetUpdate,
  resumeSignal,
  type SteerRequest,
  steerSignal,
  steerUpdate,
  stopSignal,
} from './messages.js';
import type { Progress } from './progress.js';
import type { BuildState } from './state.js';
import { checkpointed, drainRequested, log, pauseRequested, resumeRequested, stopRequested } from './transitions.js';

/** What the handlers may do to the running build. */
export interface Handled {
  readonly state: BuildState;
  apply(next: BuildState): void;
  interrupt(): void;
  progress(): Progress;
}

export function handleMessages(build: Handled): void {
  handleControl(build);
  handleGuidance(build);
  setHandler(progressQuery, () => build.progress(), { description: 'Where the build stands.' });
  setHandler(
    guidanceQuery,
    ({ notesSeen, answersSeen }) => ({
      notes: build.state.notes.filter((note) => note.number > notesSeen),
      answers: build.state.answers.slice(answersSeen),
      budget: {
        maxCostUsd: build.state.settings.maxCostUsd,
        maxTokens: build.state.settings.maxTokens,
        deadline: build.state.deadline,
      },
    }),
    { description: 'Notes and answers that a running session has not seen yet.' },
  );
  setHandler(checkpointSignal, (report) => build.apply(checkpointed(build.state, report)), {
    description: 'Sent by a running session when a feature turns green.',
  });
}

function handleControl(build: Handled): void {
  const pause = () => {
    build.apply(pauseRequested(build.state));
    build.interrupt();
  };
  const stop = () => {
    build.apply(stopRequested(build.state));
    build.interrupt();
  };
  setHandler(pauseSignal, pause, {
    description: 'Pause within seconds; nothing is lost; resume goes on at the same turn.',
  });
  setHandler(pauseAfterSessionSignal, () => build.apply(drainRequested(build.state)), {
    description: 'Pause once the session under way has ended and is verified.',
  });
  setHandler(resumeSignal, () => build.apply(resumeRequested(build.state)), {
    description: 'Go on after a pause, a wait or "needs attention".',
  });
  setHandler(stopSignal, stop, { description: 'End the build now; starting it again goes on from here.' });
}

function handleGuidance(build: Handled): void {
  const steer = ({ note }: SteerRequest): string => {
    build.apply(noted(build.state, note));
    return `note ${build.state.notes.length} will reach the agent at its next turn`;
  };
  const answer = (request: AnswerRequest): string => {
    build.apply(answered(build.state, { questionId: request.questionId, text: request.text }));
    return `answer to ${request.questionId} will reach the agent at its next turn`;
  };
  const raise = (budget: BudgetRequest): string => {
    build.apply(budgetRaised(build.state, budget, Date.now()));
    return 'budget changed';
  };
  setHandler(steerUpdate, steer, {
    validator: (request) => refuse(noteProblem(build.state, request?.note)),
    description: 'Steer the agent: {"note": "…"}.',
  });
  setHandler(answerUpdate, answer, {
    validator: (request) => refuse(answerProblem(build.state, request)),
    description: 'Answer an open question: {"questionId": "…", "text": "…"}.',
  });
  setHandler(raiseBudgetUpdate, raise, {
    validator: (request) => refuse(budgetProblem(request)),
    description:
      'Change what may be spent: {"maxIterations": 5, "maxCostUsd": 20, "maxTokens": 1000000, "maxHours": 8}.',
  });
  handleFallbacks(build, { steer, answer, raise });
}

/** What the updates do, for their signals. */
interface Guiding {
  steer(request: SteerRequest): string;
  answer(request: AnswerRequest): string;
  raise(budget: BudgetRequest): string;
}

function handleFallbacks(build: Handled, { steer, answer, raise }: Guiding): void {
  // A signal cannot refuse: a bad one is written into the build's events instead of being dropped.
  const orLog =
    <T>(problem: (request: T) => string | undefined, apply: (request: T) => unknown) =>
    (request: T) => {
      const why = problem(request);
      if (why === undefined) apply(request);
      else build.apply(log(build.state, `message refused: ${why}`));
    };
  const described = (update: string) => ({ description: `As the update ${update}, for when no worker is up.` });
  setHandler(
    steerSignal,
    orLog((r) => noteProblem(build.state, r?.note), steer),
    described('steer'),
  );
  setHandler(
    answerSignal,
    orLog((r) => answerProblem(build.state, r), answer),
    described('answer'),
  );
  setHandler(raiseBudgetSignal, orLog(budgetProblem, raise), described('raiseBudget'));
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}
