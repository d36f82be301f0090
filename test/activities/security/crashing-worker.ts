/** A worker for the crash test: opens a sandbox, leaves a process in it, says so, and waits to be killed. */
import { openSandbox } from '../../../activities/security/bubblewrap.js';

const [, , projectDir = ''] = process.argv;
const sandbox = await openSandbox({ projectDir, readOnly: [], environment: {}, path: [] });
await sandbox.run({ command: { shell: 'touch made; setsid sleep 62.5 >/dev/null 2>&1 &' }, timeoutMs: 5_000 });
console.log('ready');
setInterval(() => undefined, 1_000);
