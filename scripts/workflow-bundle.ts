/** The workflows as one file for the worker, built once at set-up instead of at every start of a worker. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { packageRoot } from '../config/locations.js';

const WORKFLOWS = path.join(packageRoot, 'dist', 'workflows');
/** Read by the worker: `workflowBundle: { codePath }`. */
export const WORKFLOW_BUNDLE = path.join(packageRoot, 'dist', 'workflow-bundle.js');
const STAMP = `${WORKFLOW_BUNDLE}.sha256`;

/**
 * Path of a bundle of the compiled workflows as they are now; builds it (1-3 s) only when they changed, so that tests
 * which compile by themselves get the right one too.
 */
export async function buildWorkflowBundle(): Promise<string> {
  const stamp = stampOf(WORKFLOWS);
  const current = existsSync(WORKFLOW_BUNDLE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp;
  if (current) return WORKFLOW_BUNDLE;
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(WORKFLOWS, 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  const draft = `${WORKFLOW_BUNDLE}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, WORKFLOW_BUNDLE);
  writeFileSync(STAMP, stamp);
  return WORKFLOW_BUNDLE;
}

function stampOf(directory: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.js')) hash.update(name).update(readFileSync(path.join(directory, name)));
  }
  return hash.digest('hex');
}
