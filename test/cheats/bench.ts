/**
 * A fixture project for cheats: the notes API in a repository of its own, changed as a dishonest agent would, measured by
 * the parts that decide about a pass, and judged by a ledger that was green before.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Feature } from '../../activities/features/feature.js';
import { applyVerification, type Ledger, lockedLedger } from '../../activities/features/ledger.js';
import type { SuiteEvidence } from '../../activities/features/suite-evidence.js';
import { suiteSummary } from '../../activities/workspace/pytest.js';
import { type VerifierParts, type VerifyReport, verifyCommit } from '../../activities/workspace/verifier.js';
import { type CheckServices, openBestSandbox, startCheckServices } from '../support/check-services.js';
import { type MiniProject, miniProject, verifierParts } from '../support/mini-project.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { notesFeatures } from './notes-features.js';

/** Path in the project -> its new text; null = removed. */
export type Change = Readonly<Record<string, string | null>>;

export interface Verdict {
  readonly passing: readonly string[];
  /** Everything that the ledger says about features that do not pass. */
  readonly named: string;
  readonly report: VerifyReport;
  readonly ledger: Ledger;
}

export class CheatBench {
  readonly features: readonly Feature[] = notesFeatures;
  #before: { ledger: Ledger; suite: SuiteEvidence } | null = null;

  private constructor(
    readonly services: CheckServices,
    private readonly home: TemporaryDirectory,
    readonly project: MiniProject,
    private readonly parts: VerifierParts,
  ) {}

  static async open(): Promise<CheatBench> {
    const services = await startCheckServices();
    const home = await temporaryDirectory();
    const project = await miniProject(path.join(home.path, 'notes'), services, openBestSandbox);
    const parts = verifierParts(project, services, path.join(home.path, 'scratch'), openBestSandbox);
    return new CheatBench(services, home, project, parts);
  }

  async close(): Promise<void> {
    await this.project.sandbox.close();
    await this.home.remove();
    await this.services.stop();
  }

  /** The honest project, measured once: what a cheat starts from. */
  async before(): Promise<{ ledger: Ledger; suite: SuiteEvidence }> {
    if (this.#before === null) {
      const list = { version: 1 as const, project: 'notes', features: [...this.features] };
      const { ledger, report } = await this.measure(this.project.commit, lockedLedger(list));
      this.#before = { ledger, suite: report.suite.evidence };
    }
    return this.#before;
  }

  /** Changes the honest project, commits, verifies as after a session, and puts the files back. */
  async after(change: Change, shell = ''): Promise<Verdict> {
    const { ledger } = await this.before();
    await this.shell(`rm -rf .git/hooks; git reset -q --hard ${this.project.commit} && git clean -qfdx`);
    await this.write(change);
    if (shell !== '') await this.shell(shell);
    const commit =
      (await this.project.git.commitAll('Implement more; all tests pass')) ?? (await this.project.git.head());
    return this.measure(commit ?? '', ledger);
  }

  async shell(text: string): Promise<string> {
    return (await this.project.sandbox.run({ command: { shell: text }, timeoutMs: 20_000 })).output;
  }

  private async write(change: Change): Promise<void> {
    for (const [file, text] of Object.entries(change)) {
      const target = path.join(this.project.directory, file);
      await mkdir(path.dirname(target), { recursive: true });
      if (text === null) await rm(target, { recursive: true });
      else await writeFile(target, text);
    }
    await this.shell('find . -name __pycache__ -prune -exec rm -rf {} +');
  }

  private async measure(commit: string, before: Ledger): Promise<Verdict> {
    const settings = { commit, features: this.features, seed: `seed-${commit.slice(0, 8)}` };
    const report = await verifyCommit(this.parts, { ...settings, ...(before.suite ? { before: before.suite } : {}) });
    const { ledger } = applyVerification(before, {
      ...{ commit, tree: report.tree, seed: report.seed, features: report.features },
      runId: 'run',
      at: '2026-11-23T00:00:00Z',
      pytestPassed: report.suite.green,
      pytestSummary: suiteSummary(report.suite),
      suite: report.suite.evidence,
    });
    return {
      passing: ledger.entries.filter(({ state }) => state === 'passing').map(({ feature }) => feature.id),
      named: ledger.entries.flatMap(({ failures }) => failures).join('\n'),
      report,
      ledger,
    };
  }
}
