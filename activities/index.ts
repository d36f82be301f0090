/** The activities as the worker registers them: each bound to the worker's dependencies. */
import type { BuildActivities } from '../workflows/contract.js';
import { runSession } from './session.js';
import { finishBuild, verify } from './verification.js';
import type { Dependencies } from './workshop.js';
import { prepareWorkspace } from './workspace-activity.js';

export function createActivities(dependencies: Dependencies): BuildActivities {
  return {
    prepareWorkspace: (request) => prepareWorkspace(dependencies, request),
    runSession: (request) => runSession(dependencies, request),
    verify: (request) => verify(dependencies, request),
    finishBuild: (request) => finishBuild(dependencies, request),
  };
}
