/** Keeps what an activity returns small: an outcome larger than the server takes would be retried for ever. Pure. */

/** The first lines whose JSON fits into so many bytes together, each cut to `characters`. */
export function boundedLines(lines: readonly string[], characters: number, bytes: number): readonly string[] {
  const kept: string[] = [];
  let left = bytes;
  for (const line of lines) {
    const cut = line.slice(0, characters);
    left -= Buffer.byteLength(JSON.stringify(cut)) + 1;
    if (left < 0) break;
    kept.push(cut);
  }
  return kept;
}
