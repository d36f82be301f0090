/**
 * Output of one command, bounded: the first and the last half of a byte budget, with the cut stated in the text.
 * Memory stays within the budget whatever the command prints. Plain Node, no dependencies: it also runs in the sandbox.
 */

export class BoundedOutput {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #total = 0;

  /** `bytes`: how much is kept. `keepHead` false keeps the tail only, as servers' logs want it. */
  constructor(bytes: number, keepHead = true) {
    this.#headLimit = keepHead ? Math.floor(bytes / 2) : 0;
    this.#tailLimit = Math.max(1, bytes - this.#headLimit);
  }

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    const forHead = Math.min(chunk.length, this.#headLimit - this.#headBytes);
    if (forHead > 0) {
      this.#head.push(chunk.subarray(0, forHead));
      this.#headBytes += forHead;
    }
    if (forHead < chunk.length) this.#pushTail(chunk.subarray(forHead));
  }

  /** Bytes that `text()` leaves out. */
  get truncatedBytes(): number {
    return this.#total - this.#headBytes - Math.min(this.#tailBytes, this.#tailLimit);
  }

  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    const kept = tail.subarray(Math.max(0, tail.length - this.#tailLimit));
    const cut = this.truncatedBytes;
    if (cut === 0) return Buffer.concat([head, kept]).toString('utf8');
    const start = head.subarray(0, completeLength(head)).toString('utf8');
    const end = kept.subarray(firstCompleteByte(kept)).toString('utf8');
    return `${start}\n[... ${cut} bytes of output left out here ...]\n${end}`;
  }

  #pushTail(chunk: Buffer): void {
    this.#tail.push(chunk.length > this.#tailLimit ? chunk.subarray(chunk.length - this.#tailLimit) : chunk);
    this.#tailBytes += Math.min(chunk.length, this.#tailLimit);
    // Joining only when twice the budget is held keeps the cost linear.
    if (this.#tailBytes <= 2 * this.#tailLimit) return;
    const joined = Buffer.concat(this.#tail);
    this.#tail = [Buffer.from(joined.subarray(joined.length - this.#tailLimit))];
    this.#tailBytes = this.#tailLimit;
  }
}

/** Length of the longest prefix that doesn't end inside a UTF-8 character. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** Index of the first byte that starts a UTF-8 character. */
function firstCompleteByte(bytes: Buffer): number {
  let index = 0;
  while (index < Math.min(3, bytes.length) && ((bytes[index] ?? 0) & 0xc0) === 0x80) index++;
  return index;
}
