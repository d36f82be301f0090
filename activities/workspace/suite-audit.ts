/**
 * Whether a suite's result can be believed: what a neutral collector read, what Nightshift's plugin saw and what pytest
 * reported, held against each other. Pure. Every line names the file or the test and what to do.
 */
import { z } from 'zod';
import type { SuiteEvidence } from '../features/suite-evidence.js';
import type { TestOutcome } from './junit-report.js';

export const collectorReport = z.object({
  tests: z.array(z.object({ node: z.string(), asserts: z.boolean() })),
  tells: z.array(z.object({ file: z.string(), line: z.number(), what: z.string() })),
  removed: z.record(z.string(), z.string()),
  plugins: z.array(z.string()),
  /** Digest of what the tests share: conftest, helpers, pytest's configuration. */
  shared: z.string(),
});
export type CollectorReport = z.infer<typeof collectorReport>;

export const probeReport = z.object({
  collected: z.array(z.string()),
  /** Only of tests that did not simply pass, before anything of the project reworded it. */
  verdicts: z.record(z.string(), z.enum(['failed', 'skipped'])),
  routes: z.array(
    z.object({
      route: z.string(),
      nodes: z.array(z.string()),
      statuses: z.array(z.number()),
      proof: z.object({ node: z.string(), key: z.string(), again: z.boolean() }).nullable(),
    }),
  ),
  ended: z.literal(true),
});
export type ProbeReport = z.infer<typeof probeReport>;

export interface AuditedSuite {
  readonly collector: CollectorReport;
  /** Null when pytest ended without it. */
  readonly probe: ProbeReport | null;
  readonly outcomes: readonly TestOutcome[];
  readonly before: SuiteEvidence;
}

/** What must not be there, at most 40 lines; empty = the result stands. */
export function auditSuite(suite: AuditedSuite): readonly string[] {
  const { collector, probe, outcomes } = suite;
  const tells = collector.tells.map(({ file, line, what }) => `${file}:${line} ${what}`);
  const idle = collector.tests.filter(({ asserts }) => !asserts).map(({ node }) => `${node} asserts nothing`);
  const ran = probe === null ? ['pytest ended before its end: something in the tests stopped it'] : [];
  return [...tells, ...idle, ...ran, ...(probe ? hidden(collector, probe, outcomes) : []), ...deleted(suite)].slice(
    0,
    40,
  );
}

/** Nodes without their parameters, once each. */
export function plainNodes(nodes: readonly string[]): readonly string[] {
  return [...new Set(nodes.map(plain))];
}

function plain(node: string): string {
  return node.split('[')[0] ?? node;
}

function hidden(collector: CollectorReport, probe: ProbeReport, outcomes: readonly TestOutcome[]): string[] {
  const collected = new Set(probe.collected.map(plain));
  const reported = new Map(outcomes.map((outcome) => [outcome.node, outcome.verdict]));
  const unrun = collector.tests.filter(({ node }) => !collected.has(node));
  const green = Object.keys(probe.verdicts).filter((node) => (reported.get(node) ?? 'passed') === 'passed');
  const results = new Set(outcomes.map(({ node }) => plain(node)));
  const silent = [...collected].filter((node) => !results.has(node));
  return [
    ...unrun.map(({ node }) => `${node} is in the files but was not run: deselected, ignored or replaced`),
    ...green.map((node) => `${node} ${probe.verdicts[node] ?? 'failed'}, and was reported as passed`),
    ...silent.map((node) => `${node} was collected and has no result`),
  ];
}

function deleted({ collector, before }: AuditedSuite): string[] {
  const present = new Set(collector.tests.map(({ node }) => node));
  return before.nodes
    .filter((node) => !present.has(node) && collector.removed[node] === undefined)
    .map(
      (node) =>
        `${node} was there at the last pass and is gone: put it back, or give the reason in tests/removed_tests.txt as "${node} # why"`,
    );
}
