// Tests run on the JavaScript that tsc emitted: what is tested is what runs (TypeScript 7 has no compiler API for ts-jest).
export default {
  rootDir: 'dist',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.js'],
  testEnvironment: 'node',
  transform: {},
  testTimeout: 60_000,
};
