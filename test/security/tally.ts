/** Cases counted by family, for the table that `npm run test:security` prints; does nothing in other runs. */
import { appendFileSync } from 'node:fs';

/** `tried` commands were judged, `passed` of them allowed (and then run, where the family says so). */
export function tellCases(family: string, tried: number, passed: number): void {
  const file = process.env['NIGHTSHIFT_SECURITY_CASES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ family, tried, passed })}\n`);
}
