/**
 * Measures the committed tree of a project that has a feature list, as `verify` does in a build, without a workflow or a
 * model: reads the repository, writes nothing into it.
 */
import path from 'node:path';
import type { Feature } from '../../activities/features/feature.js';
import { applyVerification, type Ledger, lockedLedger } from '../../activities/features/ledger.js';
import { FEATURE_LIST_FILE, parseFeatureList } from '../../activities/features/list.js';
import { NO_SUITE_EVIDENCE } from '../../activities/features/suite-evidence.js';
import { type Dependencies, openWorkshop } from '../../activities/workshop.js';
import { runGates } from '../../activities/workspace/gates.js';
import { createGit } from '../../activities/workspace/git.js';
import { suiteSummary } from '../../activities/workspace/pytest.js';
import { type VerifierParts, type VerifyReport, verifyCommit } from '../../activities/workspace/verifier.js';
import type { BuildReference, GateResult } from '../../workflows/contract.js';

export interface MeasurementRequest {
  readonly reference: BuildReference;
  readonly seed: string;
  /** Default HEAD. */
  readonly commit?: string;
  /** Default those of the commit's feature_list.json. */
  readonly features?: readonly Feature[];
  readonly gates: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Measurement {
  readonly commit: string;
  /** Changes in the work tree that were not measured. */
  readonly uncommitted: number;
  readonly sandbox: string;
  readonly report: VerifyReport;
  /** States and failures by the rules of a build. */
  readonly ledger: Ledger;
  readonly gates: readonly GateResult[];
}

/** The project cannot be measured; the message says why and what to do. */
export class NotMeasurable extends Error {
  override readonly name = 'NotMeasurable';
}

/** Throws NotMeasurable; rejects with the signal's reason when aborted. */
export async function measureProject(dependencies: Dependencies, request: MeasurementRequest): Promise<Measurement> {
  const workshop = await openWorkshop(dependencies, request.reference);
  const project = await workshop.open(await workshop.python(null));
  try {
    const git = createGit(project, workshop.projectDir, dependencies.identity);
    const commit = (await git.isRepository()) ? await git.resolve(request.commit ?? 'HEAD') : null;
    if (commit === null) {
      const wanted = request.commit === undefined ? 'no commit' : `no commit ${request.commit}`;
      throw new NotMeasurable(`${workshop.projectDir} has ${wanted}; only what is committed is measured`);
    }
    const features = request.features ?? listed(await git.show(commit, FEATURE_LIST_FILE), workshop.projectDir);
    const parts: VerifierParts = {
      openSandbox: workshop.openSandbox,
      project,
      projectDir: workshop.projectDir,
      scratch: path.join(workshop.scratch, 'verify'),
      environmentFor: (requirements) => workshop.python(requirements === '' ? null : requirements),
      postgres: workshop.postgres,
      databases: workshop.databases,
    };
    request.say(`measuring ${features.length} features of commit ${commit.slice(0, 12)}`);
    const { seed, signal } = request;
    const checkable = features.filter((feature) => feature.test_cases.length > 0);
    const report = await verifyCommit(parts, { commit, seed, signal, features: checkable });
    if (request.gates) request.say('running the gates');
    const gates = request.gates ? await runGates(parts, { commit, signal }) : [];
    const ledger = judged(features, report);
    return { commit, uncommitted: (await git.status()).length, sandbox: workshop.sandbox, report, ledger, gates };
  } finally {
    await project.close();
  }
}

function listed(text: string | null, projectDir: string): readonly Feature[] {
  if (text === null) {
    throw new NotMeasurable(
      `${projectDir} has no committed ${FEATURE_LIST_FILE}; docs/feature-list.md says what it holds`,
    );
  }
  const parsed = parseFeatureList(text);
  if (parsed.kind === 'ok') return parsed.list.features;
  throw new NotMeasurable(`${FEATURE_LIST_FILE} cannot be read: ${parsed.problems.slice(0, 5).join('; ')}`);
}

function judged(features: readonly Feature[], report: VerifyReport): Ledger {
  const { commit, tree, seed, suite } = report;
  const { ledger } = applyVerification(lockedLedger({ version: 1, project: '', features: [...features] }), {
    ...{ commit, tree, seed, features: report.features },
    runId: 'verify',
    at: new Date().toISOString(),
    pytestPassed: suite.green,
    pytestSummary: suiteSummary(suite),
    ...(suite.evidence === NO_SUITE_EVIDENCE ? {} : { suite: suite.evidence }),
  });
  return ledger;
}
