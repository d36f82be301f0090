import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cleanDatabase } from '../../../activities/workspace/clean-database.js';
import type { DatabaseConnection } from '../../../activities/workspace/databases.js';
import { type CheckServices, startCheckServices } from '../../support/check-services.js';

const SCHEMA = `
CREATE TABLE owners (id serial PRIMARY KEY, name text NOT NULL, upper_name text GENERATED ALWAYS AS (upper(name)) STORED);
CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id int NOT NULL REFERENCES owners ON DELETE RESTRICT,
  parent_id bigint REFERENCES notes,
  body jsonb, made timestamptz NOT NULL DEFAULT now());
CREATE TABLE audit (line text);
CREATE FUNCTION note_gone() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO audit VALUES ('gone'); RETURN OLD; END $$;
CREATE TRIGGER note_gone AFTER DELETE ON notes FOR EACH ROW EXECUTE FUNCTION note_gone();
INSERT INTO owners (name) VALUES ('it''s the admin');
INSERT INTO notes (owner_id, body) VALUES (1, '{"a": [1, null, "ä"]}');`;

describe('cleanDatabase', () => {
  let services: CheckServices;
  let app: DatabaseConnection;
  beforeAll(async () => {
    services = await startCheckServices(1);
    app = await services.databases.connect('check_1');
    await app.query(SCHEMA);
  });
  afterAll(async () => {
    await app.close();
    await services.stop();
  });
  const rows = async (): Promise<unknown> => {
    const union = ['owners', 'notes', 'audit'].map((table) => `SELECT to_jsonb(t) - 'made' AS row FROM ${table} t`);
    return app.query(`${union.join(' UNION ALL ')} ORDER BY 1`);
  };

  test('puts back the rows of the first start, whatever refers to what, and leaves no trace in the schema', async () => {
    const before = await rows();
    const clean = await cleanDatabase(await services.databases.connect('check_1'));
    await app.query(`DELETE FROM notes; UPDATE owners SET name = 'other'; INSERT INTO owners (name) VALUES ('b');
      INSERT INTO notes (owner_id, parent_id) SELECT id, NULL FROM owners; INSERT INTO notes (owner_id, parent_id)
      SELECT owner_id, id FROM notes`);
    await clean.restore('a');
    expect(await rows()).toEqual(before);
    const [count] = await app.query("SELECT count(*)::int AS n FROM pg_class WHERE relname ILIKE '%nightshift%'");
    expect(count).toEqual({ n: 0 });
    await clean.close();
  });

  test('moves the sequences to a place that only the seed knows', async () => {
    const clean = await cleanDatabase(await services.databases.connect('check_1'));
    const next = async (key: string): Promise<unknown> => {
      await clean.restore(key);
      return (await app.query("INSERT INTO owners (name) VALUES ('x') RETURNING id"))[0]?.id;
    };
    const [first, again, other] = [await next('a'), await next('a'), await next('b')];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(Number(first)).toBeGreaterThan(1);
    await clean.restore('end');
    await clean.close();
  });

  test('says so when a transaction holds on to a row', async () => {
    const clean = await cleanDatabase(await services.databases.connect('check_1'));
    await app.query('BEGIN; UPDATE owners SET name = name;');
    await expect(clean.restore('a')).rejects.toThrow(/lock timeout/);
    await app.query('ROLLBACK');
    await clean.restore('a');
    await clean.close();
  });
});
