/** Runs the self-test as whoever starts it and prints the result: for the test that does so as an ordinary user. */
import { openSandbox } from '../../../activities/security/bubblewrap.js';
import { runSelfTest } from '../../../activities/security/self-test.js';

const results = await runSelfTest(openSandbox);
console.log(
  JSON.stringify({ uid: process.getuid?.(), ran: results.length, open: results.filter((result) => !result.refused) }),
);
