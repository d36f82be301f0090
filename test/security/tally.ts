/** Cases counted by family, for the table at the end of `npm run test:security`; does nothing in other runs. */
import { appendFileSync } from 'node:fs';

/** `detail` says what came of them, in a few words. */
export function tellCases(family: string, tried: number, detail: string): void {
  const file = process.env['NIGHTSHIFT_TEST_CASES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ family, tried, detail })}\n`);
}
