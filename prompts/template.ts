/**
 * `%%name%%` placeholders of the prompt templates. Pure. One pass: what is inserted is never looked at again, so no
 * text from a spec or a person can pull in another value.
 */

const PLACEHOLDER = /%%([a-z][a-z0-9_]*)%%/g;

/** A template that asks for a value nobody gives: a mistake in the template, found by the first test that renders it. */
export class UnknownTemplatePlaceholder extends Error {
  override readonly name = 'UnknownTemplatePlaceholder';
}

/** The template with every placeholder replaced. Throws `UnknownTemplatePlaceholder`, naming it and what is known. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(PLACEHOLDER, (_match, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) {
      const known = Object.keys(values).join(', ');
      throw new UnknownTemplatePlaceholder(`%%${name}%% is not known in a prompt template; known: ${known}`);
    }
    return value;
  });
}
