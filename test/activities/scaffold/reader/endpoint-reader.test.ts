import { describe, expect, it } from '@jest/globals';
import { endpointLine } from '../../../../activities/scaffold/reader/endpoint-line.js';
import type { SpecEndpoint } from '../../../../activities/scaffold/spec-endpoints.js';
import { board, modelOf, resourceIn, statementOf } from './sample.js';

/** The endpoint that a line makes, wherever it belongs. */
function endpointFrom(line: string): SpecEndpoint | undefined {
  const model = modelOf(board({ sections: `## API Endpoints\n- ${line}\n` }));
  const at = model.statements.find(
    ({ text }) => text.startsWith(line.slice(0, 20)) && text.length >= line.length - 2,
  )?.line;
  return model.resources.flatMap(({ endpoints }) => endpoints).find((endpoint) => endpoint.line === at);
}

describe('a line with a method and a path', () => {
  it.each([
    ['`GET /api/v1/x/{id}` - get one', '/api/v1/x/{id}', 'get one'],
    ['GET /x/:id: one x', '/x/{id}', 'one x'],
    ['**GET** `/x/<int:id>` one x', '/x/{id}', 'one x'],
    ['get /x/?page=1 - list', '/x', 'list'],
  ])('"%s" is read apart', (text, path, description) => {
    expect(endpointLine(text, 1)).toMatchObject({ method: 'GET', path, description });
  });

  it.each(['GETS /x', 'GET a free coffee', 'Only admins can GET'])('is not seen in "%s"', (text) => {
    expect(endpointLine(text, 1)).toBeNull();
  });
});

describe('the shape of a path', () => {
  it.each([
    ['GET /users/me - current user', { kind: 'me', id: 'users-me' }],
    [
      'GET /projects/:id/cards - list its cards',
      { kind: 'nested_list', id: 'cards-list-for-project', parent: 'projects', field: 'project_id' },
    ],
    ['POST /projects/{id}/cards - add a card', { kind: 'nested_create', id: 'cards-create-for-project', status: 201 }],
    ['GET /users/{id}/cards - cards assigned to a user', { kind: 'nested_list', field: 'assignee_id' }],
    ['GET /labels/{id}/cards - cards with a label', { kind: 'nested_list', link: 'card_labels', field: 'label_id' }],
    ['PATCH /cards/{id}/size - set the size', { kind: 'set_field', field: 'size' }],
    ['POST /cards/{id}/assign - assign', { kind: 'assign', field: 'assignee_id' }],
    ['POST /cards/bulk/size - sets size', undefined],
    [
      'POST /cards/bulk-update - set the size of up to 7 cards',
      { kind: 'bulk_set', field: 'size', max: 7, ids_param: 'card_ids' },
    ],
  ])('"%s" makes its endpoint', (line, expected) => {
    if (expected === undefined) return expect(endpointFrom(line)).toBeUndefined();
    return expect(endpointFrom(line)).toMatchObject(expected);
  });

  it.each([
    'GET /users/{id}/cards - cards',
    'POST /cards/{id}/teleport - teleport a card',
    'GET /unicorns - list',
    'DELETE /cards - delete all cards',
    'GET /cards/{id}/labels/{label_id}/history - history',
  ])('"%s" is left to a model', (line) => {
    const model = modelOf(board({ sections: `## API Endpoints\n- ${line}\n` }));
    expect(statementOf(model, line).class).toBe('UNRESOLVED');
  });

  it('is the same whatever the parameters are called', () => {
    const cards = resourceIn(
      modelOf(board({ sections: '## API Endpoints\n- GET /projects/{project}/cards\n' })),
      'cards',
    );
    expect(cards.endpoints.at(-1)).toMatchObject({
      path: '/projects/{project_id}/cards',
      params: [{ name: 'project_id', resource: 'projects' }],
    });
  });

  it('with words that play no part is a guess that names them', () => {
    const line = 'GET /projects/{id}/cards - list cards with their burndown chart';
    const model = modelOf(board({ sections: `## API Endpoints\n- ${line}\n` }));
    expect(statementOf(model, line)).toMatchObject({ class: 'INFERRED', rule: 'endpoint-by-path' });
    expect(statementOf(model, line).note).toContain('burndown, chart');
  });

  it('with who may use it in brackets makes a permit', () => {
    const line = 'PATCH /cards/{id}/size - set the size (admin only)';
    const cards = resourceIn(modelOf(board({ sections: `## API Endpoints\n- ${line}\n` })), 'cards');
    expect(cards.rules.filter(({ family }) => family === 'permit')).toHaveLength(1);
  });
});
