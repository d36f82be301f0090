/**
 * Search attributes of a build. A missing one fails the workflow task for ever, so prepareWorkspace creates or looks
 * them up and the workflow upserts only the names it was told exist. Never a prompt or a secret: they are not encrypted.
 */
import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import type { Progress } from './progress.js';

export const statusAttribute = defineSearchAttributeKey('NightshiftStatus', SearchAttributeType.KEYWORD);
export const passingAttribute = defineSearchAttributeKey('NightshiftFeaturesPassing', SearchAttributeType.INT);
export const totalAttribute = defineSearchAttributeKey('NightshiftFeaturesTotal', SearchAttributeType.INT);
export const modelAttribute = defineSearchAttributeKey('NightshiftModel', SearchAttributeType.KEYWORD);

export const SEARCH_ATTRIBUTES = [statusAttribute, passingAttribute, totalAttribute, modelAttribute] as const;

export function searchAttributesOf(progress: Progress, known: readonly string[]): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: statusAttribute, value: progress.status },
    { key: passingAttribute, value: progress.tally.featuresPassing },
    { key: totalAttribute, value: progress.tally.featuresTotal },
    { key: modelAttribute, value: progress.model.slice(0, 100) },
  ];
  return pairs.filter((pair) => known.includes(pair.key.name));
}
