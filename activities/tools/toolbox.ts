/**
 * The tools of a phase, in one fixed order: the beginning of every request, byte-identical from turn to turn, or the
 * provider's prompt cache is lost.
 */
import type { Phase } from '../../workflows/contract.js';
import { askHumanTool, type QuestionsBackend } from './ask-human.js';
import { type BashDeps, bashTool } from './bash.js';
import { type CheckBackend, checkTool } from './check.js';
import { editorTool } from './editor.js';
import { type FeaturesBackend, featuresTool } from './features.js';
import { type ProjectFiles, projectFiles } from './project-files.js';
import { type ScaffoldBackend, scaffoldTool } from './scaffold.js';
import type { Tool } from './tool.js';

export interface ToolboxDeps extends BashDeps {
  readonly projectDir: string;
  /** Default: through the sandbox. */
  readonly files?: ProjectFiles;
  readonly features: FeaturesBackend;
  readonly checks: CheckBackend;
  readonly scaffold: ScaffoldBackend;
  readonly questions: QuestionsBackend;
}

export function toolbox(phase: Phase, deps: ToolboxDeps): readonly Tool[] {
  return [
    bashTool(deps),
    editorTool({ projectDir: deps.projectDir, files: deps.files ?? projectFiles(deps.sandbox) }),
    featuresTool(phase, deps.features),
    checkTool(deps.checks),
    scaffoldTool(phase, deps.scaffold),
    askHumanTool(deps.questions),
  ];
}
