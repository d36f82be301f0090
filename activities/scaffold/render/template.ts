/**
 * Template files: Python that reads as Python. `«expression»` is replaced, a line `#% statement` is JavaScript and
 * leaves nothing behind. Templates are ours; text of a spec only gets in through the functions of python-text.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Eta } from 'eta';
import { packageRoot } from '../../../config/locations.js';
import { docstring, either, pyParagraph, pyScalar, pyString, sentence, withArticle } from './python-text.js';

const TEMPLATES = path.join(packageRoot, 'activities', 'scaffold', 'templates');
const engine = new Eta({
  tags: ['«', '»'],
  parse: { exec: '%', interpolate: '', raw: '~' },
  autoEscape: false,
  autoTrim: false,
  useWith: true,
});
const compiled = new Map<string, ReturnType<typeof engine.compile>>();

/** What every template may use besides its own view. */
const vocabulary = {
  str: pyString,
  literal: pyScalar,
  sentence,
  doc: docstring,
  paragraph: pyParagraph,
  either,
  withArticle,
};

/** Renders `templates/<name>.eta`. A name that the view lacks throws. */
export function renderTemplate(name: string, view: object): string {
  const template = compiled.get(name) ?? compile(name);
  return engine.render(template, { ...vocabulary, ...view });
}

/** Paths of every template below a folder, without `.eta`, relative to the folder, sorted. */
export function templatesIn(folder: string): string[] {
  return readdirSync(path.join(TEMPLATES, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.eta'))
    .map((file) =>
      file
        .split(path.sep)
        .join('/')
        .replace(/\.eta$/, ''),
    )
    .sort();
}

function compile(name: string): ReturnType<typeof engine.compile> {
  const source = readFileSync(path.join(TEMPLATES, `${name}.eta`), 'utf8');
  const template = engine.compile(source.replace(/^[ \t]*#% (.*)\n/gm, '«% $1 »'));
  compiled.set(name, template);
  return template;
}
