/**
 * The project's policy as it is in force: a copy in the build's folder, out of the agent's reach. The file in the project
 * is written from it; what the agent writes there counts for nothing.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../config/atomic-file.js';
import { POLICY_FILE } from '../security/owned-files.js';
import { NO_PROJECT_POLICY, type ProjectPolicy, readProjectPolicy } from '../security/project-policy.js';
import { SETTINGS_FILE, settingsText, VISIBLE_SETTINGS_FILE } from './project-directory.js';

/** The copy in force can't be read by this version, or the file offered is not a policy. */
export class PolicyUnusable extends Error {
  override readonly name = 'PolicyUnusable';
}

/** The policy in force; the empty one where nobody has extended it. Throws PolicyUnusable. */
export async function keptPolicy(buildFolder: string): Promise<ProjectPolicy> {
  const text = await keptPolicyText(buildFolder);
  return text === null ? NO_PROJECT_POLICY : parsed(text, path.join(buildFolder, POLICY_FILE));
}

/** Puts a policy in force for the sessions that begin from now on. Throws PolicyUnusable and changes nothing. */
export async function keepPolicy(buildFolder: string, text: string, source: string): Promise<ProjectPolicy> {
  const policy = parsed(text, source);
  await writeFileAtomic(path.join(buildFolder, POLICY_FILE), text);
  return policy;
}

/** The texts of the project's files that state the policy, by path. */
export async function policyTexts(buildFolder: string): Promise<Readonly<Record<string, string>>> {
  const text = await keptPolicyText(buildFolder);
  const settings = settingsText(await keptPolicy(buildFolder));
  return {
    [SETTINGS_FILE]: settings,
    [VISIBLE_SETTINGS_FILE]: settings,
    ...(text === null ? {} : { [POLICY_FILE]: text }),
  };
}

async function keptPolicyText(buildFolder: string): Promise<string | null> {
  try {
    return await readFile(path.join(buildFolder, POLICY_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parsed(text: string, source: string): ProjectPolicy {
  const reading = readProjectPolicy(text);
  if (reading.kind === 'read') return reading.policy;
  throw new PolicyUnusable(`${source} is not a policy: ${reading.problems.join('; ')}`);
}
