/** Which of a build's databases a measurement uses, emptied first, with the URL as its sandbox sees it. */
import type { Sandbox } from '../security/sandbox.js';
import type { DatabaseName, ProjectDatabases } from './databases.js';

export type CheckDatabases = Pick<ProjectDatabases, 'url' | 'reset' | 'copy' | 'connect'>;

/** Under the migrations' gate, and the first of the HTTP checks. */
export const HTTP_DATABASE: DatabaseName = 'check_1';
/** Side by side under the HTTP checks of a verification: two cores, two apps. */
export const HTTP_DATABASES: readonly DatabaseName[] = [HTTP_DATABASE, 'check_3'];
const SUITE_DATABASE: DatabaseName = 'check_2';
/** What a suite finds as the app's own database; it has no reason to touch it. */
const IDLE_DATABASE: DatabaseName = 'test';

/** Empties the database and gives its URL as `sandbox` sees it. */
export async function emptiedDatabase(
  databases: CheckDatabases,
  name: DatabaseName,
  sandbox: Sandbox,
): Promise<string> {
  await databases.reset(name);
  return urlInside(databases, name, sandbox);
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

export function urlInside(databases: CheckDatabases, name: DatabaseName, sandbox: Sandbox): string {
  if (sandbox.postgresAddress === null) throw new Error('the sandbox was opened without PostgreSQL');
  return databases.url(name, sandbox.postgresAddress);
}
