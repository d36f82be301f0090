/** What one attempt of a verification holds: lease, a sandbox over the project, git, the parts of the verifier. */
import type { FinishRequest, VerifyRequest } from '../workflows/contract.js';
import { sealJournals } from './agent/journal-file.js';
import { type BuildEvent, EventLog, eventLogFile } from './event-log.js';
import type { Sandbox } from './security/sandbox.js';
import { type Dependencies, openWorkshop, type Workshop } from './workshop.js';
import { createGit, type Git } from './workspace/git.js';
import { type Lease, takeLease } from './workspace/lease.js';
import type { VerifierParts } from './workspace/verifier.js';

/** What both activities hold while they work. */
export interface VerificationBench {
  readonly workshop: Workshop;
  readonly lease: Lease;
  readonly project: Sandbox;
  readonly git: Git;
  readonly parts: VerifierParts;
  tell(event: BuildEvent): void;
  close(): Promise<void>;
}

export async function openVerificationBench(
  dependencies: Dependencies,
  request: VerifyRequest | FinishRequest,
): Promise<VerificationBench> {
  const workshop = await openWorkshop(dependencies, request);
  const { folder, projectDir, databases } = workshop;
  const seal = (range: { from: number; below: number }): Promise<void> => sealJournals(folder.path, range);
  const lease = await takeLease({ buildDir: folder.path, owner: request.workflowId, seal });
  const project = await workshop.open(await workshop.python(null));
  if (project.holder !== null) await lease.recordSandbox(project.holder);
  const events = new EventLog(eventLogFile(folder.path), (error) => dependencies.log(`event log: ${error.message}`));
  return {
    workshop,
    lease,
    project,
    git: createGit(project, projectDir, dependencies.identity),
    parts: {
      openSandbox: workshop.openSandbox,
      project,
      projectDir,
      scratch: workshop.scratch,
      environmentFor: (requirements) => workshop.python(requirements === '' ? null : requirements),
      postgres: workshop.postgres,
      databases,
    },
    tell: (event) => events.append(event),
    close: async () => {
      await project.close();
      await events.flush();
      await lease.release();
    },
  };
}
