/** A file of the state directory that is not what Nightshift wrote: no retry mends it, a person must. */

/** The message names the file and the way out. */
export class StateDamaged extends Error {
  override readonly name: string = 'StateDamaged';
}
