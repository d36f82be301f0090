/** Which of a build's databases a measurement uses, emptied first, with the URL as its sandbox sees it. */
import type { Sandbox } from '../security/sandbox.js';
import type { DatabaseName, ProjectDatabases } from './databases.js';

export type CheckDatabases = Pick<ProjectDatabases, 'url' | 'reset'>;

/** Under the HTTP checks, and under the migrations' gate. */
export const HTTP_DATABASE: DatabaseName = 'check_1';
const SUITE_DATABASE: DatabaseName = 'check_2';
/** What a suite finds as the app's own database; it has no reason to touch it. */
const IDLE_DATABASE: DatabaseName = 'test';

/** Empties the database and gives its URL as `sandbox` sees it. */
export async function emptiedDatabase(
  databases: CheckDatabases,
  name: DatabaseName,
  sandbox: Sandbox,
): Promise<string> {
  if (sandbox.postgresAddress === null) throw new Error('the sandbox was opened without PostgreSQL');
  await databases.reset(name);
  return databases.url(name, sandbox.postgresAddress);
}

/** Both databases of a suite, emptied. */
export async function suiteDatabases(
  databases: CheckDatabases,
  sandbox: Sandbox,
): Promise<{ readonly databaseUrl: string; readonly testDatabaseUrl: string }> {
  const [databaseUrl, testDatabaseUrl] = await Promise.all([
    emptiedDatabase(databases, IDLE_DATABASE, sandbox),
    emptiedDatabase(databases, SUITE_DATABASE, sandbox),
  ]);
  return { databaseUrl, testDatabaseUrl };
}
