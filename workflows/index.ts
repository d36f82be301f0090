/** What the worker bundles: the workflow types that can be started by name. */
export { buildBackend } from './buildBackend.js';
export { fleet } from './fleet.js';
