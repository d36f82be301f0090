import { expect, it } from '@jest/globals';
import { readServices, servicesEnvironment } from '../../config/services.js';

it('reads back what was written for a worker', () => {
  const services = {
    temporalAddress: '127.0.0.1:7233',
    postgresAdminUrl: 'postgresql://a:b@127.0.0.1:5432/postgres',
    offlineModelUrl: 'http://127.0.0.1:1',
    python: '/usr/bin/python3',
    uv: '/usr/bin/uv',
    bubblewrap: null,
  };
  expect(readServices(servicesEnvironment(services))).toEqual(services);
});
