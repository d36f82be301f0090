/** The routes that a feature is about, as a plugin inside the project's tests can recognise them. Pure. */
import type { Feature } from './feature.js';

export interface Route {
  /** `GET /api/v1/tasks/{}`: parameters without their names. */
  readonly name: string;
  readonly method: string;
  /** Regular expression for a whole path; understood by JavaScript and Python alike. */
  readonly pattern: string;
}

/** Its own endpoint, else those that its cases request; empty only without cases. */
export function routesOf(feature: Feature): readonly Route[] {
  if (feature.method !== null && feature.path !== null) return [route(feature.method, feature.path)];
  const asked = feature.test_cases.map(({ request }) => route(request.method, request.path));
  return [...new Map(asked.map((one) => [one.name, one])).values()];
}

/** Routes of all features, those without parameters first: `/tasks/overdue` is not `/tasks/{}`. */
export function routesOfAll(features: readonly Feature[]): readonly Route[] {
  const routes = new Map(features.flatMap(routesOf).map((one) => [one.name, one]));
  const parameters = ({ name }: Route): number => name.split('{}').length;
  return [...routes.values()].sort((a, b) => parameters(a) - parameters(b) || (a.name < b.name ? -1 : 1));
}

/** A number in a case's path stands for an id that is not there. */
function route(method: string, path: string): Route {
  const segments = (path.split('?')[0] ?? '').split('/').map((part) => (/[{}]|^\d+$/.test(part) ? null : part));
  return {
    name: `${method} ${segments.map((part) => part ?? '{}').join('/')}`,
    method,
    pattern: segments.map((part) => (part === null ? '[^/]+' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))).join('/'),
  };
}
