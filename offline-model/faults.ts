/**
 * Scripted faults for tests and chaos runs: which request (counted from 1 since the server started) goes wrong, and
 * how. The count is the server's only state, and it exists for this script alone. Pure: the server carries them out.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const position = {
  /** Number of the POST /v1/messages since the server started, from 1. */
  request: z.number().int().positive(),
  /** How many requests in a row, from `request` on. */
  times: z.number().int().positive().default(1),
};

const fault = z.discriminatedUnion('fault', [
  /** An error response: the API's envelope with the type that belongs to the status. */
  z.strictObject({
    ...position,
    fault: z.literal('status'),
    status: z.number().int().min(400).max(599),
    headers: z.record(z.string(), z.string()).default({}),
    message: z.string().default('scripted fault'),
  }),
  /** Half of the answer, then a TCP reset. */
  z.strictObject({ ...position, fault: z.literal('reset_midstream') }),
  /** Half of the answer, then a proper end of the stream, without `message_stop`. */
  z.strictObject({ ...position, fault: z.literal('half_stream') }),
  /** Half of the answer, then `event: error` (overloaded_error), as the API does under load. */
  z.strictObject({ ...position, fault: z.literal('error_event') }),
  /** Headers and the first event, then nothing until the client hangs up, or a reset after `ms`. */
  z.strictObject({ ...position, fault: z.literal('stall'), ms: z.number().int().positive().optional() }),
  /** 200 and a body that is no JSON. */
  z.strictObject({ ...position, fault: z.literal('garbage') }),
  /** The right answer, `ms` later. */
  z.strictObject({ ...position, fault: z.literal('delay'), ms: z.number().int().min(0) }),
]);
export type Fault = z.infer<typeof fault>;

export const faultScript = z.array(fault);

/** The first fault written for this request, or undefined. */
export function faultFor(script: readonly Fault[], request: number): Fault | undefined {
  return script.find((entry) => entry.request <= request && request < entry.request + entry.times);
}

/** Reads a script. Throws an Error that names the file, the entry and the field. */
export async function readFaultScript(file: string): Promise<readonly Fault[]> {
  const parsed = faultScript.safeParse(parseJson(file, await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(top)'}: ${issue.message}`);
  throw new Error(`fault script ${file}: ${problems.join('; ')}`);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`fault script ${file}: not JSON`, { cause: error });
  }
}
