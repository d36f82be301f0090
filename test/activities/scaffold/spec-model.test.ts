import { describe, expect, it } from '@jest/globals';
import {
  resourceNamed,
  resourcesNeededBy,
  rulesOf,
  rulesOn,
  specModel,
} from '../../../activities/scaffold/spec-model.js';
import { modelOf, repositoryText } from './reader/sample.js';

const model = modelOf(repositoryText('prompts', 'app_spec.txt'));

describe('the spec model', () => {
  it('refuses names that are no safe identifiers', () => {
    const broken = structuredClone(model);
    const [field] = resourceNamed(broken, 'tasks').fields;
    if (field) field.name = 'x; import os';
    expect(specModel.safeParse(broken).success).toBe(false);
  });

  it('refuses keys that it does not know', () => {
    expect(specModel.safeParse({ ...model, extra: 1 }).success).toBe(false);
  });

  it('gives every rule, endpoint and feature prefix an id of its own', () => {
    const ids = model.resources.flatMap(({ rules, endpoints }) => [...rules, ...endpoints].map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(model.resources.map((resource) => [resource.name, resource] as const))(
    'lets the rules of %s point only at endpoints, fields and resources that exist',
    (_name, resource) => {
      const endpoints = resource.endpoints.map(({ id }) => id);
      const fields = resource.fields.map(({ name }) => name);
      const { rules } = resource;
      expect(endpoints).toEqual(
        expect.arrayContaining(rules.flatMap((rule) => ('endpoints' in rule ? rule.endpoints : []))),
      );
      const own = rules.filter(({ family }) => family !== 'on_delete' && family !== 'guard_related');
      expect(fields).toEqual(expect.arrayContaining(own.flatMap((rule) => ('field' in rule ? [rule.field] : []))));
      for (const name of rules.flatMap(resourcesNeededBy)) expect(resourceNamed(model, name).name).toBe(name);
    },
  );

  it('finds rules by family and by endpoint', () => {
    const tasks = resourceNamed(model, 'tasks');
    expect(rulesOf(tasks, 'not_past').map(({ field }) => field)).toEqual(['due_date']);
    const deletion = tasks.endpoints.find(({ id }) => id === 'tasks-delete');
    expect(deletion && rulesOn(tasks, deletion).map(({ family }) => family)).toEqual(['permit', 'guard_status']);
  });
});
