/**
 * `str_replace_based_edit_tool`: the model's text editor, confined to the project. Never writes a file that only
 * Nightshift writes, and changes nothing unless the edit is unambiguous.
 */
import path from 'node:path';
import { z } from 'zod';
import { ownedBecause } from '../security/owned-files.js';
import { inputProblems, oneLine } from './json-tool.js';
import { headAndTail } from './output.js';
import type { ProjectEntry, ProjectFiles } from './project-files.js';
import { failed, ok, type Tool, type ToolResult } from './tool.js';

export interface EditorDeps {
  /** Absolute path of the project: what the model's absolute paths are taken relative to. */
  readonly projectDir: string;
  readonly files: ProjectFiles;
}

/** Characters of one view; longer files are read in ranges. */
export const MAX_VIEW_CHARACTERS = 30_000;

const filePath = z.string().min(1).max(1_000);
const editorInput = z.discriminatedUnion('command', [
  z.object({ command: z.literal('view'), path: filePath, view_range: z.tuple([z.int(), z.int()]).optional() }),
  z.object({ command: z.literal('create'), path: filePath, file_text: z.string() }),
  z.object({ command: z.literal('str_replace'), path: filePath, old_str: z.string(), new_str: z.string().default('') }),
  z.object({
    command: z.literal('insert'),
    path: filePath,
    insert_line: z.int().min(0),
    insert_text: z.string(),
  }),
]);
type EditorInput = z.infer<typeof editorInput>;

export function editorTool(deps: EditorDeps): Tool {
  return {
    name: 'str_replace_based_edit_tool',
    definition: {
      type: 'text_editor_20250728',
      name: 'str_replace_based_edit_tool',
      max_characters: MAX_VIEW_CHARACTERS,
    },
    describe: (input) => {
      const { data } = editorInput.safeParse(input);
      return oneLine(data ? `${data.command} ${shown(data.path, deps.projectDir)}` : input);
    },
    run: async (input) => {
      const parsed = editorInput.safeParse(input);
      return parsed.success
        ? edit(parsed.data, deps)
        : failed(inputProblems('str_replace_based_edit_tool', parsed.error));
    },
  };
}

async function edit(input: EditorInput, { projectDir, files }: EditorDeps): Promise<ToolResult> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these can't stand in a path that is passed on
  if (/[\u0000-\u001f]/.test(input.path)) return failed('The path holds a control character.');
  const entry = await files.look(path.resolve(projectDir, input.path));
  if (entry.kind === 'outside') {
    return failed(
      `${input.path} is outside of the project (${projectDir}). Only files inside can be viewed or edited.`,
    );
  }
  if (input.command === 'view') return view(entry, input.view_range);
  const owned = ownedBecause(entry.path);
  if (owned !== null) return failed(`${entry.path} can't be edited: ${owned}.`);
  if (input.command === 'create') return create(entry, input.file_text, files);
  if (entry.kind !== 'file') return failed(noText(entry));
  return input.command === 'insert'
    ? insert(entry, input.insert_line, input.insert_text, files)
    : replace(entry, input.old_str, input.new_str, files);
}

function view(entry: ProjectEntry, range: readonly [number, number] | undefined): ToolResult {
  if (entry.kind === 'folder') return ok([`${entry.path}/`, ...entry.entries.map((name) => `  ${name}`)].join('\n'));
  if (entry.kind !== 'file') return failed(noText(entry));
  const lines = linesOf(entry.text);
  const [from, to] = range ?? [1, -1];
  const last = to === -1 ? lines.length : Math.min(to, lines.length);
  if (lines.length === 0) return ok(`(${entry.path} is empty)`);
  if (from < 1 || from > lines.length || last < from) {
    return failed(`view_range [${from}, ${to}] does not fit: ${entry.path} has ${lines.length} lines.`);
  }
  const text = numbered(lines.slice(from - 1, last), from);
  if (text.length <= MAX_VIEW_CHARACTERS) return ok(text);
  return ok(`${headAndTail(text, MAX_VIEW_CHARACTERS)}\n(${entry.path} has ${lines.length} lines; use view_range)`);
}

async function create(entry: ProjectEntry, text: string, files: ProjectFiles): Promise<ToolResult> {
  if (entry.kind === 'outside' || entry.kind === 'folder') return failed(noText(entry));
  await files.write(entry.path, text);
  const what = entry.kind === 'absent' ? 'Created' : 'Replaced';
  return ok(`${what} ${entry.path} (${linesOf(text).length} lines).`);
}

type TextFile = Extract<ProjectEntry, { kind: 'file' }>;

async function replace(
  { path: file, text }: TextFile,
  old: string,
  by: string,
  files: ProjectFiles,
): Promise<ToolResult> {
  if (old === '') return failed('old_str is empty. Use insert to add text, or create to write the file anew.');
  const places = occurrences(text, old);
  const [start] = places;
  if (start === undefined) return failed(notFound(file, text, old));
  if (places.length > 1) {
    const where = places.slice(0, 10).map((place) => lineAt(text, place));
    return failed(
      `old_str occurs ${places.length} times in ${file} (lines ${where.join(', ')}). Nothing was changed: add lines around it until it is unique.`,
    );
  }
  const changed = text.slice(0, start) + by + text.slice(start + old.length);
  await files.write(file, changed);
  return ok(`Edited ${file}:\n${around(changed, start, by)}`);
}

async function insert(
  { path: file, text }: TextFile,
  line: number,
  added: string,
  files: ProjectFiles,
): Promise<ToolResult> {
  const lines = linesOf(text);
  if (line > lines.length) return failed(`insert_line ${line} does not fit: ${file} has ${lines.length} lines.`);
  const before = lines
    .slice(0, line)
    .map((one) => `${one}\n`)
    .join('');
  const piece = added.endsWith('\n') ? added : `${added}\n`;
  const changed = before + piece + text.slice(before.length);
  await files.write(file, changed);
  return ok(`Edited ${file}:\n${around(changed, before.length, piece)}`);
}

function notFound(file: string, text: string, old: string): string {
  const first =
    old
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? '';
  const near = linesOf(text).findIndex((line) => line.includes(first));
  const hint =
    first !== '' && near >= 0
      ? ` Its first line stands at line ${near + 1}, so the lines after it, or the white space, differ.`
      : '';
  return `old_str does not occur in ${file}. Nothing was changed.${hint} View the file and copy the text exactly.`;
}

function noText(entry: ProjectEntry): string {
  if (entry.kind === 'absent')
    return `${entry.path} does not exist. Use create, or view a folder to see what there is.`;
  if (entry.kind === 'folder') return `${entry.path} is a folder.`;
  return entry.kind === 'unreadable'
    ? `${entry.path} can't be edited as text: ${entry.why}.`
    : 'That is not a text file.';
}

/** The changed lines with three around them, numbered. */
function around(text: string, start: number, piece: string): string {
  const first = lineAt(text, start);
  const last = first + linesOf(piece).length;
  const from = Math.max(1, first - 3);
  return headAndTail(numbered(linesOf(text).slice(from - 1, last + 3), from), 4_000);
}

function occurrences(text: string, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) places.push(at);
  return places;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const numbered = (lines: readonly string[], from: number): string =>
  lines.map((line, index) => `${String(from + index).padStart(6)}\t${line}`).join('\n');

const lineAt = (text: string, place: number): number => text.slice(0, place).split('\n').length;

const shown = (file: string, projectDir: string): string =>
  path.relative(projectDir, path.resolve(projectDir, file)) || '.';
