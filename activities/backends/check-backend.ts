/** The `check` tool's backend: Nightshift's cases of some features against the work tree, in the agent's own sandbox. */
import { randomBytes } from 'node:crypto';
import type { Ledger } from '../features/ledger.js';
import type { CheckBackend, CheckQuery } from '../tools/check.js';
import type { SandboxSource } from '../tools/sandbox-source.js';
import { failed, ok } from '../tools/tool.js';
import { checkWorkTree, type WorkTreeCheckParts } from '../workspace/work-tree-check.js';

export interface CheckParts {
  readonly ledger: () => Promise<Ledger | null>;
  readonly sandbox: SandboxSource;
  readonly databases: WorkTreeCheckParts['databases'];
  readonly onChecked: (casesPassing: number, casesTotal: number) => void;
}

export function checkBackend(parts: CheckParts): CheckBackend {
  return {
    check: async (query, signal) => {
      const ledger = await parts.ledger();
      if (ledger === null) return failed('There is no locked feature list yet; close it with features finish first.');
      const features = chosen(ledger, query).filter((feature) => feature.test_cases.length > 0);
      if (features.length === 0)
        return failed(
          `No feature with test cases for ${JSON.stringify(query)}; features show lists ids and resources.`,
        );
      const { databases } = parts;
      const seed = randomBytes(8).toString('hex');
      const checked = await checkWorkTree(
        { sandbox: await parts.sandbox.current(), databases },
        { features, seed, signal },
      );
      parts.onChecked(checked.casesPassing, checked.casesTotal);
      const text = `cases: ${checked.casesPassing} of ${checked.casesTotal} passing\n${checked.text}`;
      return checked.casesPassing === checked.casesTotal ? ok(text) : failed(text);
    },
  };
}

function chosen(ledger: Ledger, { ids, resource }: CheckQuery): Ledger['entries'][number]['feature'][] {
  return ledger.entries
    .map((entry) => entry.feature)
    .filter(
      (feature) => (ids === null || ids.includes(feature.id)) && (resource === null || feature.resource === resource),
    );
}
