/**
 * How the policy says no while it walks a command: thrown inside, turned into a verdict at its door, never seen outside.
 */

export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The call that it was about, when it was one. */
  call: { readonly program: string; readonly arguments: readonly string[] } | null = null;
}

/** `what` names the construct or argument; `instead` what to write so that the next attempt passes. */
export function refuse(what: string, instead: string): never {
  throw new Refusal(`${what}. Instead: ${instead}.`);
}
