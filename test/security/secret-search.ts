/**
 * Looks for a secret wherever a build leaves something: files as they lie, git objects unpacked, Temporal's history
 * decoded, processes as they run. In its own words and in the encodings that programs like to use.
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Secret {
  readonly value: string;
  readonly forms: readonly Buffer[];
}

export function secretFrom(value: string): Secret {
  const bytes = Buffer.from(value);
  // Base64 depends on where in a group of three the secret begins: the middle of each of the three is unmistakable.
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return text.slice(4, -4);
  });
  const forms = [value, ...base64, bytes.toString('hex'), [...value].reverse().join('')];
  return { value, forms: forms.map((form) => Buffer.from(form)) };
}

export function holds({ forms }: Secret, bytes: Buffer): boolean {
  return forms.some((form) => bytes.includes(form));
}

/** Files below a directory that hold it, in their text or in their name. */
export function filesWith(secret: Secret, directory: string): { readonly found: string[]; readonly looked: string[] } {
  const found: string[] = [];
  const looked: string[] = [];
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, entry);
    if (holds(secret, Buffer.from(entry))) found.push(file);
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue;
    looked.push(file);
    if (holds(secret, contentOf(file))) found.push(file);
  }
  return { found, looked };
}

/** Servers remove files of their own while we look. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** True when any object of a repository holds it, reachable or not. */
export function isInGitObjects(secret: Secret, repository: string): boolean {
  const args = ['-c', `safe.directory=${repository}`, '-C', repository, 'cat-file', '--batch-all-objects', '--batch'];
  return holds(secret, execFileSync('git', args, { maxBuffer: 1024 * 1024 * 1024 }));
}

/** Command line and user of each process that has it in its environment, its arguments or its working directory. */
export function processesWith(secret: Secret): { readonly uid: number; readonly commandLine: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`);
        const known = Buffer.concat([commandLine, readFileSync(`/proc/${pid}/environ`)]);
        if (commandLine.length === 0 || !holds(secret, known)) return []; // without a name it is just becoming another
        const uid = lstatSync(`/proc/${pid}`).uid;
        return [{ uid, commandLine: commandLine.toString().replaceAll('\0', ' ').trim() }];
      } catch {
        return []; // it has ended, or belongs to somebody else
      }
    });
}
