/** Long output as a model gets to see it: head and tail, with what is missing said. Pure. */

/** Characters of one result; more costs every later turn of the session. */
export const MAX_OUTPUT_CHARACTERS = 30_000;

/** The beginning and the end are what counts in a log: the first failure and the summary. */
export function headAndTail(text: string, limit: number = MAX_OUTPUT_CHARACTERS): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  const [head, tail] = [text.slice(0, half), text.slice(-half)];
  const missing = text.length - head.length - tail.length;
  return `${head}\n\n[… ${missing} characters left out here; narrow the command to see them …]\n\n${tail}`;
}

/** Half surrogate pairs (left by a cut) and NULs replaced: the API refuses a request that holds one. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\ufffd');
}
