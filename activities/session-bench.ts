/** What one attempt of a session holds: lease, sandbox, git, spec, event log; opened together, closed together. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../config/atomic-file.js';
import type { Locations } from '../config/locations.js';
import type { SessionRequest } from '../workflows/contract.js';
import { sealJournals } from './agent/journal-file.js';
import { EventLog, eventLogFile } from './event-log.js';
import { failure } from './failures.js';
import { featureListFrom } from './features/ledger.js';
import { readLedger } from './features/ledger-file.js';
import { FEATURE_LIST_FILE, serializeFeatureList } from './features/list.js';
import { readSpec } from './scaffold/reader/spec-reader.js';
import type { SpecModel } from './scaffold/spec-model.js';
import { type SandboxSource, sandboxSource } from './tools/sandbox-source.js';
import { type Dependencies, type OpenOptions, openWorkshop, type Workshop } from './workshop.js';
import { type BuildFolder, readBuildRecord } from './workspace/build-state.js';
import { createGit, type Git } from './workspace/git.js';
import { identityEnvironment } from './workspace/git-call.js';
import { restoreHarnessFiles } from './workspace/harness-files.js';
import { policyTexts } from './workspace/kept-policy.js';
import { type Lease, takeLease } from './workspace/lease.js';
import { SPEC_FILE } from './workspace/project-directory.js';

export interface SessionBench {
  readonly workshop: Workshop;
  readonly lease: Lease;
  readonly sandbox: SandboxSource;
  /** Git over the project in the sandbox that is live now: a restarted one replaces it. */
  git(): Promise<Git>;
  readonly events: EventLog;
  readonly spec: string;
  readonly model: SpecModel;
  readonly locations: Locations;
  /** Puts back what only Nightshift decides, with a line for each file that had been changed. */
  restoreHarnessFiles(): Promise<void>;
  close(): Promise<void>;
}

export async function openSessionBench(dependencies: Dependencies, request: SessionRequest): Promise<SessionBench> {
  const workshop = await openWorkshop(dependencies, request);
  const { folder } = workshop;
  const spec = await keptSpec(folder.path);
  const model = modelOf(spec);
  const lease = await takeLease({
    buildDir: folder.path,
    owner: request.workflowId,
    seal: (range) => sealJournals(folder.path, range),
  });
  const python = await workshop.python(null);
  const sandbox = sandboxSource(async () => {
    const opened = await workshop.open(python, await surroundings(dependencies, request));
    if (opened.holder !== null) await lease.recordSandbox(opened.holder);
    return opened;
  });
  const events = new EventLog(eventLogFile(folder.path), (error) => dependencies.log(`event log: ${error.message}`));
  return {
    ...{ workshop, lease, sandbox, events, spec, model, locations: dependencies.config.locations },
    git: async () => createGit(await sandbox.current(), workshop.projectDir, dependencies.identity),
    restoreHarnessFiles: async () => {
      await restore(workshop, sandbox, events, spec);
      const git = createGit(await sandbox.current(), workshop.projectDir, dependencies.identity);
      for (const line of await git.keepBranch(await recordedTip(git, folder))) note(events, line);
    },
    close: async () => {
      const left = await sandbox.close().catch((error: unknown) => String(error));
      await events.flush();
      if (left === undefined) await lease.release();
      else dependencies.log(`${left}; the lease stays, so that the next attempt ends what is left`);
    },
  };
}

/** The rule-based model installs nothing: its sandbox has no network. A live one reaches the package hosts, no others. */
async function surroundings({ identity, packages }: Dependencies, { settings }: SessionRequest): Promise<OpenOptions> {
  if (settings.model === 'offline') return { environment: identityEnvironment(identity) };
  const { hosts, environment } = await packages();
  return { egress: hosts, environment: { ...environment, ...identityEnvironment(identity) } };
}

/** The spec as the build was started with: kept in the state directory, out of the agent's reach. */
export async function keepSpec(buildFolder: string, spec: string): Promise<void> {
  await writeFileAtomic(path.join(buildFolder, SPEC_FILE), spec);
}

function keptSpec(buildFolder: string): Promise<string> {
  return readFile(path.join(buildFolder, SPEC_FILE), 'utf8');
}

function modelOf(spec: string): SpecModel {
  const reading = readSpec(spec);
  if (reading.kind === 'read') return reading.model;
  throw failure(
    'SpecUnusable',
    'the spec that the build was started with cannot be read by this version; run nightshift plan',
  );
}

async function restore(workshop: Workshop, source: SandboxSource, events: EventLog, spec: string): Promise<void> {
  const ledger = await readLedger(workshop.folder.path);
  const list = ledger === null ? {} : { [FEATURE_LIST_FILE]: serializeFeatureList(featureListFrom(ledger)) };
  const files = { ...(await policyTexts(workshop.folder.path)), [SPEC_FILE]: spec, ...list };
  for (const line of await restoreHarnessFiles(await source.current(), files)) {
    note(events, line);
  }
}

function note(events: EventLog, line: string): void {
  events.append({ kind: 'note', text: `harness-owned: ${line}` });
}

/** The newest commit that Nightshift made itself: a verification's tag counts only when it holds the recorded session. */
async function recordedTip(git: Git, folder: BuildFolder): Promise<string | null> {
  const record = await readBuildRecord(folder);
  const ended = record?.sessions.filter(({ commit }) => commit !== null && commit !== '').at(-1);
  if (ended?.commit == null) return record?.rootCommit ?? null;
  const verified = await git.resolve(`refs/tags/session-${ended.number}`);
  return verified !== null && (await git.isAncestor(ended.commit, verified)) ? verified : ended.commit;
}
