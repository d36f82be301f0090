/**
 * Rules of a coding session: take the next feature's resource, let the compiler write it, test, check, commit. What
 * the compiler can't do stays open and is said so; the rules never write code of their own.
 */
import { bash, type Plan, quoted } from './plan.js';
import { checkedCases, nextFeature } from './tool-results.js';

export function* codingPlan(): Plan {
  yield bash('First, where I am.', 'pwd && ls');
  yield bash('What was done before.', 'git log --oneline -5');
  const asked = yield { say: 'Which feature is next.', tool: 'features', input: { operation: 'next' } };
  const next = asked.isError ? null : nextFeature(asked.result);
  if (next === null) return `I stop: I can't read which feature is next. It said: ${quoted(asked)}`;
  if (next.kind === 'none') return 'Nothing is open that rules can do. What is left needs a model or an answer.';

  const { resource } = next;
  const written = yield {
    say: `The resource ${resource}: model, schema, service, router, tests, migration.`,
    tool: 'scaffold',
    input: { operation: 'resource', name: resource },
  };
  if (written.isError) {
    return `I stop: the compiler could not write ${resource}; this needs a model or a change of the spec. ${quoted(written)}`;
  }
  const tested = yield bash(`Its own tests.`, `pytest -q tests/api/v1/test_${resource}.py`);
  const checked = yield { say: "Nightshift's checks for it.", tool: 'check', input: { resource } };
  const committed = yield bash('A commit.', `git add -A && git commit -m 'Add the ${resource} resource'`);
  const notes = [
    tested.isError ? `Its pytest run was not clean: ${quoted(tested)}` : '',
    committed.isError ? `The commit did not go through: ${quoted(committed)}` : '',
  ];
  return [`Hand-over: ${resource} is written. ${verdict(checked)}`, ...notes].filter((note) => note !== '').join(' ');
}

/** One honest sentence; `passes` is Nightshift's to decide, never ours. */
function verdict(checked: { readonly result: string; readonly isError: boolean }): string {
  const cases = checkedCases(checked.result);
  if (cases === null) {
    return checked.isError ? 'Its checks could not be run or failed; see above.' : 'Its checks ran; see above.';
  }
  if (cases.passing === cases.total) return `All ${cases.total} of its test cases pass.`;
  const open = cases.total - cases.passing;
  return `${cases.passing} of ${cases.total} test cases pass; ${open} stay open, and rules have no cure for them.`;
}
