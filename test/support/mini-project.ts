/** The notes API of test/fixtures/mini_project in a repository of its own, and features that measure it. */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import type { Feature, TestCase } from '../../activities/features/feature.js';
import type { Sandbox, SandboxRequest } from '../../activities/security/sandbox.js';
import { createGit, type Git } from '../../activities/workspace/git.js';
import type { VerifierParts } from '../../activities/workspace/verifier.js';
import { packageRoot } from '../../config/locations.js';
import type { CheckServices } from './check-services.js';

export interface MiniProject {
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly git: Git;
  readonly commit: string;
}

/** Copies the project to `directory` and commits it, in a sandbox with the environment and PostgreSQL. */
export async function miniProject(
  directory: string,
  services: CheckServices,
  openSandbox: (request: SandboxRequest) => Promise<Sandbox>,
): Promise<MiniProject> {
  await cp(path.join(packageRoot, 'test/fixtures/mini_project'), directory, { recursive: true });
  const sandbox = await openSandbox({
    projectDir: directory,
    readOnly: [services.python.prefix, services.python.pythonPrefix],
    environment: {},
    path: [services.python.bin],
    postgres: services.address,
  });
  const git = createGit(sandbox, directory);
  await git.init();
  const commit = await git.commitAll('Write the notes API');
  if (commit === null) throw new Error('the fixture was not committed');
  return { directory, sandbox, git, commit };
}

const create: TestCase = {
  name: 'a note is stored',
  description: 'POST, then GET by the id that came back',
  given: [],
  request: { method: 'POST', path: '/notes', json: { text: '{{word}}' } },
  expected_status: 201,
  expected_json: { id: { $type: 'integer' } },
};
const tooLong: TestCase = {
  name: 'a long text is refused',
  description: '201 characters',
  given: [],
  request: { method: 'POST', path: '/notes', json: { text: 'x'.repeat(201) } },
  expected_status: 422,
};
const read: TestCase = {
  name: 'a note is read',
  description: 'by the id of a fresh one',
  given: [
    {
      request: { method: 'POST', path: '/notes', json: { text: 'kept' } },
      expected_status: 201,
      capture: { note: 'id' },
    },
  ],
  request: { method: 'GET', path: '/notes/{{note}}' },
  expected_status: 200,
  expected_json: { text: 'kept' },
};
const missing: TestCase = {
  name: 'a missing note is not found',
  description: '404',
  given: [],
  request: { method: 'GET', path: '/notes/2000000000' },
  expected_status: 404,
};

/** Two features that the fixture passes, and one that it does not have. */
export const miniFeatures: readonly Feature[] = [
  notesFeature('notes-create', 'POST', '/notes', [create, tooLong]),
  notesFeature('notes-get', 'GET', '/notes/{note_id}', [read, missing]),
  notesFeature('notes-delete', 'DELETE', '/notes/{note_id}', [
    { ...missing, name: 'a missing note is not deleted', request: { method: 'DELETE', path: '/notes/2000000000' } },
  ]),
];

function notesFeature(id: string, method: 'POST' | 'GET' | 'DELETE', route: string, cases: TestCase[]): Feature {
  return {
    id,
    category: 'endpoint',
    resource: 'notes',
    method,
    path: route,
    description: id,
    test_cases: cases,
    passes: false,
  };
}

/** What `verifyCommit` and `runGates` work with, for this project. */
export function verifierParts(
  project: MiniProject,
  services: CheckServices,
  scratch: string,
  openSandbox: (request: SandboxRequest) => Promise<Sandbox>,
): VerifierParts {
  return {
    openSandbox,
    project: project.sandbox,
    projectDir: project.directory,
    scratch,
    environmentFor: services.environmentFor,
    postgres: services.address,
    databases: services.databases,
  };
}
