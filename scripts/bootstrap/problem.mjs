/** A set-up that cannot go on: the message is for a person and is printed without a stack. */
export class SetUpError extends Error {
  name = 'SetUpError';
}
