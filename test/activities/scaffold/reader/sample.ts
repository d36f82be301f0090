/** Specs for the tests of the reader: a small board that sentences are added to. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readSpec, type SpecReading } from '../../../../activities/scaffold/reader/spec-reader.js';
import type { SpecModel, SpecResource, SpecStatement } from '../../../../activities/scaffold/spec-model.js';
import { packageRoot } from '../../../../config/locations.js';

/** Text of a file of the repository. */
export function repositoryText(...parts: string[]): string {
  return readFileSync(path.join(packageRoot, ...parts), 'utf8');
}

export function modelOf(text: string): SpecModel {
  const reading = readSpec(text);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading.problems));
  return reading.model;
}

/** What stands in the way of a spec. */
export function problemsOf(text: string): string[] {
  const reading: SpecReading = readSpec(text);
  return reading.kind === 'unusable' ? reading.problems.map((problem) => `${problem.line}: ${problem.message}`) : [];
}

export function resourceIn(model: SpecModel, name: string): SpecResource {
  const found = model.resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`no resource ${name}`);
  return found;
}

/** A board of users, projects, cards and labels; `rules` stand under Cards, `fields` are added to them. */
export function board(
  parts: { rules?: readonly string[]; fields?: readonly string[]; sections?: string } = {},
): string {
  const bullets = (lines: readonly string[] = []): string => lines.map((line) => `- ${line}`).join('\n');
  return `# Board

## Core Resources

### Users

#### Fields
- email: email, required, unique
- role: enum (admin, lead, member), default member
- is_active: boolean, default true

#### Endpoints
- CRUD /users

### Projects

#### Fields
- name: string, required, 1-80 characters
- archived: boolean, default false

#### Endpoints
- CRUD /projects

### Cards

#### Fields
- project_id: reference to projects, required
- author_id: reference to users, set by the server
- assignee_id: reference to users, optional
- title: string, required, 1-100 characters
- slug: string, required, max 60
- state: enum (todo, doing, done), default todo
- size: enum (small, large), default small
- due_on: date, optional
- starts_at: datetime, optional
- done_at: datetime, optional, set by the server
${bullets(parts.fields)}

#### Endpoints
- CRUD /cards
- PATCH /cards/{id}/state - set the state
- POST /cards/bulk-state - set the state of up to 50 cards

#### Rules
- The author of a card is the user who creates it.
- When a card becomes done, done_at is set to now.
${bullets(parts.rules)}

### Labels

#### Fields
- name: string, required

#### Endpoints
- CRUD /labels

### Card Labels

#### Fields
- card_id: reference to cards, required
- label_id: reference to labels, required

#### Endpoints
- POST /cards/{id}/labels - add up to 10 labels
- DELETE /cards/{id}/labels/{label_id} - remove a label
- GET /cards/{id}/labels - list the labels

${parts.sections ?? ''}
`;
}

/** The statement that a sentence became. */
export function statementOf(model: SpecModel, text: string): SpecStatement {
  const found = model.statements.find((statement) => statement.text === text);
  if (!found) throw new Error(`no statement '${text}'`);
  return found;
}
