/** The activities as the worker registers them: each bound to the worker's dependencies. */
import type { BuildActivities } from '../workflows/contract.js';
import { runSession } from './session.js';
import { finishBuild, verify } from './verification.js';
import type { Dependencies } from './workshop.js';
import { prepareWorkspace } from './workspace-activity.js';

/** Runs the work of a build, with the machine kept awake where it can be (workers/wakefulness.ts). */
export type Awake = <T>(work: () => Promise<T>) => Promise<T>;

export function createActivities(dependencies: Dependencies, awake: Awake): BuildActivities {
  return {
    prepareWorkspace: (request) => prepareWorkspace(dependencies, request),
    runSession: (request) => awake(() => runSession(dependencies, request)),
    verify: (request) => awake(() => verify(dependencies, request)),
    finishBuild: (request) => awake(() => finishBuild(dependencies, request)),
  };
}
