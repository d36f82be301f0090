/** Runs a program of the set-up to its end and keeps what it wrote. */
import { spawn } from 'node:child_process';
import { root } from './place.mjs';

/** Set-up needs no credentials of a model (config/environment.ts, SECRET_VARIABLES). */
function withoutSecrets({ ANTHROPIC_API_KEY: _key, ANTHROPIC_AUTH_TOKEN: _token, ...environment }) {
  return environment;
}

/** Resolves with the exit status and the merged output; never rejects. `onOutput` sees each piece as it comes. */
export function runProgram(file, args, { env = process.env, onOutput = () => {} } = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(file, args, { cwd: root, env: withoutSecrets(env), stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      output += chunk;
      onOutput(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => resolve({ status: 127, output: `${output}${error.message}` }));
    child.once('close', (status, signal) =>
      resolve({ status: status ?? 1, output: signal ? `${output}${signal}` : output }),
    );
  });
}
