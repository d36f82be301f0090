/**
 * Rules of the initializer session: plan, propose the features the compiler derived, close the list, lay down the
 * project, commit. It never invents a feature: what the plan doesn't compile stays a statement that needs a model.
 */
import { bash, type Plan, quoted, type Step } from './plan.js';
import { furtherProposals, hasNoFeatures, plannedResources } from './tool-results.js';

export function* initializerPlan(): Plan {
  yield bash('First, what is here already.', 'git log --oneline -5');
  yield bash('And the files.', 'ls');
  const plan = yield scaffold('Now the plan that the compiler makes of the spec.', 'plan');
  const resources = plan.isError ? null : plannedResources(plan.result);
  if (resources === null) return `I stop: the plan named no resources that I can read. It said: ${quoted(plan)}`;
  for (const resource of [...resources, ...furtherProposals(plan.result)]) {
    const proposed = yield propose(resource);
    if (proposed.isError && !hasNoFeatures(proposed.result))
      return `I stop: the features of ${resource} were refused. ${quoted(proposed)}`;
  }
  const finished = yield {
    say: 'Every resource is proposed; I close the list.',
    tool: 'features',
    input: { operation: 'finish' },
  };
  if (finished.isError) {
    return `I stop: the list was not accepted, and rules can't invent further cases. ${quoted(finished)}`;
  }
  const laid = yield scaffold('Now the frame of the project.', 'project');
  if (laid.isError) return `The feature list is closed, but the frame of the project failed: ${quoted(laid)}`;
  const committed = yield bash(
    'And a commit.',
    "git add -A && git commit -m 'Lay down the project and its feature list'",
  );
  const commitNote = committed.isError ? ` The commit did not go through: ${quoted(committed)}` : '';
  return (
    `Hand-over: the feature list is closed and the project is laid down. Resources in build order: ` +
    `${resources.join(', ') || 'none'}. Next: one coding session for each.${commitNote}`
  );
}

const scaffold = (say: string, operation: string): Step => ({ say, tool: 'scaffold', input: { operation } });

const propose = (resource: string): Step => ({
  say: `Proposing the features of ${resource}.`,
  tool: 'features',
  input: { operation: 'propose', resource },
});
