/** The tools of one session, each with its backend. */
import { Context } from '@temporalio/activity';
import type { BuildSettings, SessionRequest } from '../workflows/contract.js';
import { checkpointSignal } from '../workflows/messages.js';
import { checkBackend } from './backends/check-backend.js';
import { featuresBackend } from './backends/features-backend.js';
import { questionsBackend } from './backends/questions-backend.js';
import { scaffoldBackend } from './backends/scaffold-backend.js';
import { failure } from './failures.js';
import type { Feature } from './features/feature.js';
import { featureListFrom } from './features/ledger.js';
import { readLedger } from './features/ledger-file.js';
import { FEATURE_LIST_FILE, serializeFeatureList } from './features/list.js';
import { caseCount } from './features/proposal.js';
import type { Liveness } from './liveness.js';
import { planFeatures } from './scaffold/feature-plan.js';
import { createPolicy } from './security/policy.js';
import type { ProjectPolicy } from './security/project-policy.js';
import type { SessionBench } from './session-bench.js';
import type { Tool } from './tools/tool.js';
import { toolbox } from './tools/toolbox.js';
import { keptPolicy } from './workspace/kept-policy.js';
import { writeProjectFile } from './workspace/project-file.js';
import { readStalls, setAside } from './workspace/stalls.js';

/** Between two checkpoints sent to the workflow, in milliseconds: each costs four history events. */
const CHECKPOINT_INTERVAL_MS = 60_000;

export async function sessionTools(
  bench: SessionBench,
  request: SessionRequest,
  live: Liveness,
): Promise<readonly Tool[]> {
  const { workshop, sandbox, events, lease, model } = bench;
  const folder = workshop.folder.path;
  const derived = once(() => planFeatures(model, request.settings.testCount));
  const assertCurrent = (): Promise<void> => lease.assertCurrent();
  const checkpoint = checkpoints(request);
  return toolbox(request.phase, {
    projectDir: workshop.projectDir,
    policy: await createPolicy({ projectDir: workshop.projectDir, project: await policyInForce(folder) }),
    sandbox,
    onDenied: (command, reason) => events.append({ kind: 'denied', command, reason }),
    features: featuresBackend({
      folder,
      projectName: model.project.name,
      testCount: wantedCases(request, derived),
      derived,
      assertCurrent,
      setAside: async () => new Set(setAside(await readStalls(folder)).keys()),
      onLocked: async (ledger) =>
        writeProjectFile(await sandbox.current(), FEATURE_LIST_FILE, serializeFeatureList(featureListFrom(ledger))),
    }),
    checks: checkBackend({
      ledger: () => readLedger(folder),
      sandbox,
      databases: workshop.databases,
      onChecked: (casesPassing, casesTotal) => {
        live.report({ casesPassing, casesTotal });
        checkpoint(casesPassing);
      },
    }),
    scaffold: scaffoldBackend({ model, sandbox, derived }),
    questions: questionsBackend(folder, assertCurrent),
  });
}

/** One that this version can't read parks the build: guessing at rules would be worse. */
async function policyInForce(folder: string): Promise<ProjectPolicy> {
  return keptPolicy(folder).catch((error: Error) => {
    throw failure('StateRefused', `${error.message}: put a good one in force with nightshift policy --use FILE`);
  });
}

/** The rule-based model can propose no more than the compiler derives: a small spec is no reason to refuse its list. */
function wantedCases({ settings }: SessionRequest, derived: () => readonly Feature[]): BuildSettings['testCount'] {
  const { min, max } = settings.testCount;
  return settings.model === 'offline' ? { min: Math.min(min, caseCount(derived())), max } : { min, max };
}

/** A hint for the Web UI's page, at most once a minute; the page is right again after the next verification anyway. */
function checkpoints(request: SessionRequest): (casesPassing: number) => void {
  const { client, log } = Context.current();
  let sentAt = performance.now();
  return (casesPassing) => {
    if (performance.now() - sentAt < CHECKPOINT_INTERVAL_MS) return;
    sentAt = performance.now();
    const report = { session: request.session, featuresPassing: 0, casesPassing };
    const sent = client.workflow.getHandle(request.workflowId).signal(checkpointSignal, report);
    sent.catch((error: unknown) => log.warn('checkpoint not delivered', { error }));
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
