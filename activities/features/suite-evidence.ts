/**
 * What is kept of a project's own suite between verifications: which tests there were, and for each route the test that
 * fails when the route answers 501. Pure.
 */
import { z } from 'zod';
import type { Feature } from './feature.js';
import { routesOf } from './route.js';

const proof = z.strictObject({
  /** The pytest node that noticed. */
  node: z.string(),
  /** Of the files that the proof rests on: while it is the same, the proof holds. */
  key: z.string(),
});

export const suiteEvidence = z.strictObject({
  /** Nodes of the last green suite, without parameters. */
  nodes: z.array(z.string()),
  /** By the name of the route. */
  proofs: z.record(z.string(), proof),
  /** By the name of the route: tests that sent it a request, at most 20. */
  reached: z.record(z.string(), z.array(z.string())),
  /** Tests that are gone, with the reason that the project gives in tests/removed_tests.txt. */
  removed: z.record(z.string(), z.string()),
});
export type SuiteEvidence = z.infer<typeof suiteEvidence>;

export const NO_SUITE_EVIDENCE: SuiteEvidence = { nodes: [], proofs: {}, reached: {}, removed: {} };

/** Null when a test of the project would notice that a route of the feature is gone; else what is missing. */
export function unprovenRoute(feature: Feature, suite: SuiteEvidence): string | null {
  const routes = routesOf(feature);
  if (routes.length === 0 || routes.some(({ name }) => suite.proofs[name] !== undefined)) return null;
  const names = routes.slice(0, 3).map(({ name }) => name);
  const reached = routes.some(({ name }) => (suite.reached[name] ?? []).length > 0);
  return reached
    ? `no test of the project fails when ${names.join(' or ')} answers 501; assert what it answers`
    : `no test of the project sends a request to ${names.join(' or ')}; write one (in process, over ASGI)`;
}

/** The pytest nodes that exercised the feature's routes, at most 20. */
export function nodesOf(feature: Feature, suite: SuiteEvidence): readonly string[] {
  return [...new Set(routesOf(feature).flatMap(({ name }) => suite.reached[name] ?? []))].slice(0, 20);
}
