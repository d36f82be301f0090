/** What the tables of commands share: the option that names a build, and how a command's exit code gets out. */

export const PROJECT_DIR = ['--project-dir <dir>', 'project directory (default ./autonomous_demo_project)'] as const;

/** Wraps a command into what commander calls: its exit code goes to the process. */
export type Run = <A extends unknown[]>(command: (...args: A) => Promise<number>) => (...args: A) => Promise<void>;
