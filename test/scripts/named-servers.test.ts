import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { loadConfig } from '../../config/config.js';
import { namedServerProblem } from '../../scripts/named-servers.js';
import { startTemporal } from '../support/temporal.js';

const told = (environment: Record<string, string>): Promise<string | undefined> =>
  namedServerProblem(loadConfig({ HOME: '/nonexistent', ...environment }));

describe('the servers that a person names', () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal();
  }, 60_000);
  afterAll(() => temporal.teardown());

  it('are asked nothing where none is named', async () => {
    expect(await told({})).toBeUndefined();
  });

  it('are accepted when they answer', async () => {
    expect(await told({ TEMPORAL_ADDRESS: temporal.address })).toBeUndefined();
  });

  it.each(['127.0.0.1:9', 'nowhere.invalid:7233'])(
    'Temporal at %s does not answer: the address and both ways out',
    async (address) => {
      expect(await told({ TEMPORAL_ADDRESS: address })).toMatch(
        new RegExp(
          `^Temporal does not answer at ${address}: .*; start it or mend the address; or unset TEMPORAL_ADDRESS`,
        ),
      );
    },
  );

  it('a namespace that is not there is named, with the command that makes it', async () => {
    expect(await told({ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'builds' })).toMatch(
      /has no namespace builds; make it: temporal operator namespace create builds$/,
    );
  });

  it('PostgreSQL does not answer: the host, never the password', async () => {
    const text = await told({ NIGHTSHIFT_DATABASE_URL: 'postgresql://admin:secret-word@127.0.0.1:9/postgres' });
    expect(text).toMatch(
      /^PostgreSQL does not answer at 127\.0\.0\.1:9 \(.*ECONNREFUSED.*\); .*NIGHTSHIFT_DATABASE_URL/,
    );
    expect(text).not.toContain('secret-word');
  });

  it.each(['localhost', 'localhost:5432', 'mysql://u:secret-word@h/d'])('%s is no URL of PostgreSQL', async (url) => {
    const text = await told({ NIGHTSHIFT_DATABASE_URL: url });
    expect(text).toContain('NIGHTSHIFT_DATABASE_URL is no URL of PostgreSQL: give postgresql://');
    expect(text).not.toContain('secret-word');
  });
});
