/** The activities as the worker registers them: each bound to the worker's dependencies. */
import type { BuildActivities, BuildReference } from '../workflows/contract.js';
import { runSession } from './session.js';
import { tellingDamage, tellingUnmendable } from './unmendable.js';
import { finishBuild, verify } from './verification.js';
import type { Dependencies } from './workshop.js';
import { prepareWorkspace } from './workspace-activity.js';

/** Runs the work of a build, with the machine kept awake where it can be (workers/wakefulness.ts). */
export type Awake = <T>(work: () => Promise<T>) => Promise<T>;

export function createActivities(dependencies: Dependencies, awake: Awake): BuildActivities {
  const on = <T>({ projectDir }: BuildReference, work: () => Promise<T>): Promise<T> =>
    awake(() => tellingUnmendable(projectDir, work));
  return {
    prepareWorkspace: (request) => tellingDamage(() => prepareWorkspace(dependencies, request)),
    runSession: (request) => on(request, () => runSession(dependencies, request)),
    verify: (request) => on(request, () => verify(dependencies, request)),
    finishBuild: (request) => on(request, () => finishBuild(dependencies, request)),
  };
}
