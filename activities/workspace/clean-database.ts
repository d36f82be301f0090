/**
 * Puts a project's database back to what it was after its first start, between two cases: rows deleted, those of the
 * first start put back, sequences moved. Over Nightshift's own connection; nothing of it is visible in the schema.
 */
import { createHash } from 'node:crypto';
import type { DatabaseConnection } from './databases.js';

export interface CleanDatabase {
  /** `key` draws where the sequences go on, so that no id can be foreseen. Rejects when the app holds on to a table. */
  restore(key: string): Promise<void>;
  close(): Promise<void>;
}

/** An app that keeps a transaction open after its answer is told so after this long. */
const LOCK_TIMEOUT = '3s';
/** Small enough for the ids of any integer type, large enough that nobody counts on one. */
const SEQUENCE_SPAN = 5_000;

interface Table {
  /** Quoted, with its schema. */
  readonly name: string;
  /** Quoted, without those that the database computes. */
  readonly columns: readonly string[];
  /** JSON array of the rows after the first start. */
  readonly rows: string | null;
}

interface Sequence {
  readonly name: string;
  readonly last: number;
}

const TABLES = `SELECT format('%I.%I', n.nspname, c.relname) AS name,
  array_agg(quote_ident(a.attname) ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND c.relname <> 'alembic_version'
GROUP BY 1 ORDER BY 1`;

const SEQUENCES = `SELECT format('%I.%I', schemaname, sequencename) AS name, coalesce(last_value, 0)::text AS last
FROM pg_sequences WHERE increment_by > 0 ORDER BY 1`;

/** Remembers the database as it is now: `upgrade head` and the first start behind it. Takes over the connection. */
export async function cleanDatabase(connection: DatabaseConnection): Promise<CleanDatabase> {
  const tables = await tablesOf(connection);
  const sequences = (await connection.query(SEQUENCES)).map(
    ({ name, last }): Sequence => ({ name: String(name), last: Number(last) }),
  );
  const replica = (await connection.query("SELECT current_setting('is_superuser') AS super"))[0]?.super === 'on';
  const put = restoring(connection, tables, replica);
  return {
    restore: async (key) => {
      const drawn = createHash('sha256').update(`sequences/${key}`).digest().readUInt16BE(0) % SEQUENCE_SPAN;
      const moved = sequences.map(({ name, last }) => `setval(${connection.literal(name)}, ${last + 1 + drawn})`);
      const move = moved.length === 0 ? '' : `SELECT ${moved.join(', ')};`;
      await connection.query(`BEGIN; ${put} ${move} COMMIT;`).catch(async (error: Error) => {
        await connection.query('ROLLBACK').catch(() => undefined);
        throw error;
      });
    },
    close: () => connection.close(),
  };
}

async function tablesOf(connection: DatabaseConnection): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const { name, columns } of await connection.query(TABLES)) {
    const rows = await connection.query(`SELECT json_agg(t)::text AS rows FROM ${String(name)} t`);
    tables.push({
      name: String(name),
      columns: columns as readonly string[],
      rows: (rows[0]?.rows as string | null) ?? null,
    });
  }
  return tables;
}

/**
 * One statement deletes from every table and one fills them: foreign keys are checked at the end of a statement, so no
 * order is needed. A superuser turns triggers off besides (an audit trigger would leave rows).
 */
function restoring(connection: DatabaseConnection, tables: readonly Table[], replica: boolean): string {
  const deleted = tables.map(({ name }, index) => `d${index} AS (DELETE FROM ${name})`);
  const filled = tables.flatMap(({ name, columns, rows }, index) => {
    if (rows === null) return [];
    const list = columns.join(', ');
    const source = `json_populate_recordset(NULL::${name}, ${connection.literal(rows)}::json)`;
    return [`f${index} AS (INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${source})`];
  });
  return [
    `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';`,
    ...(replica ? ['SET LOCAL session_replication_role = replica;'] : []),
    ...(deleted.length === 0 ? [] : [`WITH ${deleted.join(', ')} SELECT 1;`]),
    ...(filled.length === 0 ? [] : [`WITH ${filled.join(', ')} SELECT 1;`]),
  ].join(' ');
}
