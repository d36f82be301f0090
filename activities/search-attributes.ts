/** Creates or looks up the search attributes on this server; a server that refuses costs columns in a list, never a build. */
import { Context } from '@temporalio/activity';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
} as const;

/** Names that exist after the call: only these may be upserted. */
export async function ensureSearchAttributes(log: (line: string) => void): Promise<readonly string[]> {
  const { connection, options } = Context.current().client;
  const { namespace } = options;
  try {
    const known = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = SEARCH_ATTRIBUTES.filter((key) => known.customAttributes?.[key.name] == null);
    if (missing.length > 0) {
      const wanted = Object.fromEntries(missing.map((key) => [key.name, TYPES[key.type as keyof typeof TYPES]]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: wanted });
    }
    return SEARCH_ATTRIBUTES.map((key) => key.name);
  } catch (error) {
    log(`search attributes are not available: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}
