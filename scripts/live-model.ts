/**
 * Which model a build gets. A key costs money: on a terminal the model, its ceiling and the free way are named and
 * confirmed; elsewhere a key alone starts nothing paid.
 */
import { PRICE_TABLE } from '../activities/agent/price-table.js';
import { DEFAULT_SETTINGS } from '../workflows/contract.js';
import type { CommandContext } from './command-context.js';
import { UsageError } from './exit-codes.js';

/** The current Sonnet of the pinned SDK. */
export const DEFAULT_LIVE_MODEL = 'claude-sonnet-5-5';

/** Ids near their end of life, as @anthropic-ai/sdk 1.12.0 dates them (DEPRECATED_MODELS): accepted with a warning. */
export const ENDING_MODELS: Readonly<Record<string, string>> = {
  'claude-sonnet-4-5': '2026-11-30',
  'claude-sonnet-4-5-20250929': '2026-11-30',
};

/** What of the environment decides whether a model can be called. */
export interface ModelAccess {
  readonly hasKey: boolean;
  /** A server of one's own (ANTHROPIC_BASE_URL) may call its models as it likes. */
  readonly ownServer: boolean;
}

/** Why a model cannot be used here, or undefined. `named` is how the person named it. */
export function modelProblem(model: string, access: ModelAccess, named = `--model ${model}`): string | undefined {
  if (model === 'offline') return undefined;
  if (!/^[a-z0-9][a-z0-9.:@/_-]{1,99}$/i.test(model))
    return `"${model}" is not a model id; give one like ${DEFAULT_LIVE_MODEL}, or offline`;
  if (!access.ownServer) {
    const meant = likelyMeant(model);
    if (meant !== undefined) return `There is no model ${model}; did you mean ${meant}? Without a key: --model offline`;
    if (!model.startsWith('claude-'))
      return `${model} is no Claude model; give one like ${DEFAULT_LIVE_MODEL}, or offline (a gateway with names of its own: ANTHROPIC_BASE_URL)`;
  }
  if (access.hasKey) return undefined;
  return `${named} needs a key: set ANTHROPIC_API_KEY, or build without one: --model offline`;
}

/** What a person should know of a model that can be used. */
export function modelWarnings(model: string): readonly string[] {
  const ending = ENDING_MODELS[model];
  return ending === undefined ? [] : [`${model} ends on ${ending}; ${DEFAULT_LIVE_MODEL} is the current Sonnet`];
}

export interface ModelRequest {
  /** `--model`. */
  readonly typed: string | undefined;
  /** `--max-cost`, USD. */
  readonly maxCostUsd: number | null | undefined;
  /** Model of the build when it runs already: looking at it again asks nothing. */
  readonly running: string | null;
}

/** Resolves with a model id. Throws UsageError when it cannot be used, or when the person says no. */
export async function chooseModel(request: ModelRequest, { config, terminal }: CommandContext): Promise<string> {
  const access = { hasKey: config.hasProviderKey, ownServer: Boolean(config.environment['ANTHROPIC_BASE_URL']) };
  const preset = config.defaultModel;
  const wanted = request.typed ?? request.running ?? preset ?? undefined;
  if (wanted !== undefined) {
    const named = request.typed === undefined ? `NIGHTSHIFT_MODEL=${wanted}` : undefined;
    const problem = request.running === null ? modelProblem(wanted, access, named) : undefined;
    if (problem !== undefined) throw new UsageError(problem);
    if (request.typed !== undefined || request.running !== null || wanted === 'offline') return wanted;
  }
  if (!access.hasKey) return 'offline';
  const model = wanted ?? DEFAULT_LIVE_MODEL;
  if (terminal.canAsk) return confirmed(model, request, terminal);
  if (preset !== null) return model; // named in the environment on purpose
  terminal.problem(`A key is set; building offline all the same. To go live: --model ${DEFAULT_LIVE_MODEL}`);
  return 'offline';
}

async function confirmed(
  model: string,
  { maxCostUsd = DEFAULT_SETTINGS.maxCostUsd }: ModelRequest,
  terminal: CommandContext['terminal'],
): Promise<string> {
  const ceiling = maxCostUsd === null ? 'without a ceiling' : `up to ${maxCostUsd} USD (--max-cost)`;
  terminal.line(`A key is set: this build will call ${model}, ${ceiling}. Free instead: --model offline`);
  const answer = await terminal.ask('Enter goes on, "offline" builds for free, Ctrl+C ends: ');
  if (answer === null) throw new UsageError('Nothing was started.');
  const word = answer.trim().toLowerCase();
  if (word === '' || word === 'offline') return word || model;
  throw new UsageError(`Nothing was started: "${answer.trim()}" is neither Enter nor offline.`);
}

/** A known model whose name differs in a letter or two; numbers are versions, and new ones come out all the time. */
function likelyMeant(model: string): string | undefined {
  const family = familyOf(model);
  const known = [...new Set(PRICE_TABLE.map((row) => row.model))];
  if (known.some((one) => familyOf(one) === family)) return undefined;
  const near = known.filter((one) => distance(familyOf(one), family) <= 2);
  return near.find((one) => digits(one) === digits(model)) ?? near[0];
}

const familyOf = (model: string): string => model.toLowerCase().replace(/[-.\d]+$/, '');
const digits = (model: string): string => model.replace(/\D/g, '');

/** Letters to insert, remove or replace (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
