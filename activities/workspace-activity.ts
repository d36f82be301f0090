/** The activity `prepareWorkspace`: a usable directory, a claimed build, databases, environment, search attributes. */
import { Context } from '@temporalio/activity';
import { packageRoot } from '../config/locations.js';
import { EMPTY_TALLY, type PreparedWorkspace, type PrepareRequest } from '../workflows/contract.js';
import { buildUsage } from './build-usage.js';
import { failure } from './failures.js';
import { readLedger } from './features/ledger-file.js';
import { withLiveness } from './liveness.js';
import { readSpec } from './scaffold/reader/spec-reader.js';
import { ensureSearchAttributes } from './search-attributes.js';
import { POLICY_FILE } from './security/owned-files.js';
import type { Sandbox } from './security/sandbox.js';
import { keepSpec } from './session-bench.js';
import { tallyWithStalls } from './verification-stalls.js';
import { type Dependencies, openWorkshop, type Workshop } from './workshop.js';
import {
  type BuildRecord,
  claimBuild,
  initializerOpen,
  lastSession,
  recordRootCommit,
  specDigest,
  unfinishedSession,
  unverifiedSession,
} from './workspace/build-state.js';
import { createGit } from './workspace/git.js';
import { keepPolicy, policyTexts } from './workspace/kept-policy.js';
import { inspectProjectDirectory, layGroundwork, makeProjectDirectory } from './workspace/project-directory.js';
import { readProjectFile } from './workspace/project-file.js';

export async function prepareWorkspace(
  dependencies: Dependencies,
  request: PrepareRequest,
): Promise<PreparedWorkspace> {
  return withLiveness(beat, async () => {
    await refuseUnfitDirectory(dependencies, request);
    const projectName = nameOf(request.spec);
    const workshop = await openWorkshop(dependencies, request);
    await makeProjectDirectory(workshop.projectDir);
    const sandbox = await workshop.open(await workshop.python(null));
    let record: BuildRecord;
    try {
      record = await claim(dependencies, workshop, sandbox, request, projectName);
    } finally {
      await sandbox.close();
    }
    await keepSpec(workshop.folder.path, request.spec);
    const ledger = await readLedger(workshop.folder.path);
    const usage = await buildUsage(workshop.folder.path, unfinishedSession(record));
    const counted =
      ledger === null ? { tally: EMPTY_TALLY, setAside: [] } : await tallyWithStalls(workshop.folder.path, ledger);
    return {
      buildId: workshop.buildId,
      projectName,
      listLocked: ledger !== null && !initializerOpen(record),
      lastSession: lastSession(record),
      unfinishedSession: unfinishedSession(record),
      unverifiedSession: unverifiedSession(record),
      ...counted,
      usage: usage.ended,
      sessionUsage: usage.open,
      searchAttributes: await ensureSearchAttributes(dependencies.log),
      sandbox: workshop.sandbox,
    };
  });
}

const beat = {
  session: 0,
  activity: 'session',
  turn: 0,
  lastTool: 'prepare the workspace',
  inputTokens: 0,
  outputTokens: 0,
  casesPassing: 0,
  casesTotal: 0,
  at: '',
} as const;

async function refuseUnfitDirectory({ config }: Dependencies, { projectDir }: PrepareRequest): Promise<void> {
  const home = config.environment['HOME'] ?? '/root';
  const verdict = await inspectProjectDirectory(projectDir, { home, packageRoot, state: config.locations.state });
  if (verdict.kind === 'refused') throw failure('WorkspaceRefused', `${verdict.problem}: ${verdict.cure}`);
}

function nameOf(spec: string): string {
  const reading = readSpec(spec);
  if (reading.kind === 'read') return reading.model.project.name;
  throw failure(
    'SpecUnusable',
    reading.problems.map((problem) => `line ${problem.line}: ${problem.message}`).join('; '),
  );
}

async function claim(
  { identity }: Dependencies,
  workshop: Workshop,
  sandbox: Sandbox,
  request: PrepareRequest,
  projectName: string,
): Promise<BuildRecord> {
  const git = createGit(sandbox, workshop.projectDir, identity);
  const found = (await git.isRepository()) ? await git.rootCommit() : null;
  const claimed = await claimBuild(workshop.folder, {
    buildId: workshop.buildId,
    projectDir: workshop.projectDir,
    specDigest: specDigest(request.spec),
    settings: request.settings,
    workflowId: request.workflowId,
    rootCommit: found,
    ownerIsLive: isRunning,
  });
  if (claimed.kind === 'owned') {
    throw failure(
      'StateRefused',
      `${workshop.projectDir} is being built by the workflow ${claimed.workflowId}; stop that one first, or give another directory`,
    );
  }
  if (claimed.kind === 'spec_changed') {
    throw failure(
      'StateRefused',
      `${workshop.projectDir} is being built from the spec ${claimed.recorded}, and this one is ${claimed.given}; give the old spec, or another directory`,
    );
  }
  if (found === null) await adoptPolicy(workshop.folder.path, sandbox);
  const files = await policyTexts(workshop.folder.path);
  const work = { spec: request.spec, projectName, files };
  return recordRootCommit(workshop.folder, await layGroundwork(sandbox, git, work));
}

/** A person laid it out before anything was built; later, only `nightshift policy --use` puts one in force. */
async function adoptPolicy(buildFolder: string, sandbox: Sandbox): Promise<void> {
  const text = await readProjectFile(sandbox, POLICY_FILE);
  if (text === null) return;
  await keepPolicy(buildFolder, text, POLICY_FILE).catch((error: Error) => {
    throw failure('WorkspaceRefused', `${error.message}: mend it (nightshift policy --check FILE names each problem)`);
  });
}

async function isRunning(workflowId: string): Promise<boolean> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return false;
    throw error;
  }
}
