/** Readable values for sample rows, chosen by a field's name. Never repeats one: many fields are unique. */

const PEOPLE = ['Ada Lovelace', 'Alan Turing', 'Grace Hopper', 'Edsger Dijkstra', 'Barbara Liskov', 'Ken Thompson'];
const THINGS = ['Garden', 'Kitchen', 'Website', 'Library', 'Workshop', 'Harbour', 'Orchard', 'Studio', 'Market'];
const TITLES = [
  'Write the release notes',
  'Plan the spring trip',
  'Order the new desks',
  'Review the first draft',
  'Call the plumber',
  'Prepare the talk',
];
const SENTENCES = [
  'Two people asked for it last week.',
  'Best done before the end of the month.',
  'The first part is done; the rest waits for an answer.',
  'See the notes of the last meeting.',
];

const PERSON = /user|member|people|person|customer|author|employee|patient|student|guest|contact|staff|driver/;

/** Deals out one value after the other; a list that is used up starts again with a number behind. */
export class SampleWords {
  readonly #dealt = new Map<readonly string[], number>();

  /** A value for a field of a body sent to `path`, or null where a made-up word is as good. */
  next(path: string, field: string): string | null {
    if (/email/.test(field)) return this.#email();
    if (/^(body|content|description|text|note|comment|message|details|bio)$/.test(field)) return this.#deal(SENTENCES);
    if (/^(title|subject|summary|headline)$/.test(field)) return this.#deal(TITLES);
    if (!/^(full_|display_|first_|last_)?name$/.test(field)) return null;
    return this.#deal(PERSON.test(path.split('/').at(-1) ?? '') ? PEOPLE : THINGS);
  }

  #email(): string {
    const name = this.#deal(MAILBOXES);
    return `${name.toLowerCase().replaceAll(' ', '.')}@example.com`;
  }

  #deal(list: readonly string[]): string {
    const dealt = this.#dealt.get(list) ?? 0;
    this.#dealt.set(list, dealt + 1);
    const value = list[dealt % list.length] ?? '';
    const round = Math.floor(dealt / list.length) + 1;
    return round === 1 ? value : `${value} ${round}`;
  }
}

/** Its own list, so that names and addresses are dealt side by side. */
const MAILBOXES = PEOPLE.map((name) => name.split(' ')[0] ?? name);
