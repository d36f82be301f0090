/** The JSON Schema of `feature_list.json`, from the same shapes that validate it. Pure. */
import { z } from 'zod';
import { featureList } from './feature.js';

/** Where it is shipped, relative to the package's root; a test holds the file to this function. */
export const FEATURE_LIST_SCHEMA_FILE = 'docs/feature-list.schema.json';

/** Draft 2020-12: what a person or an editor validates a list against. */
export function featureListSchema(): Record<string, unknown> {
  return { title: 'Nightshift feature list', ...z.toJSONSchema(featureList, { io: 'input', target: 'draft-2020-12' }) };
}
