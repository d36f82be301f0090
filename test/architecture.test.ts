/** The map of docs/architecture.md as a test: who may import whom, one door per effect, file and function sizes, no cycles. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../config/locations.js';

interface Source {
  readonly file: string;
  readonly text: string;
  /** Project files that it imports; types too. */
  readonly imports: readonly { readonly file: string; readonly typeOnly: boolean }[];
  /** Packages and node: modules that it imports for their values. */
  readonly packages: readonly string[];
}

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.mjs'], {
  cwd: packageRoot,
  encoding: 'utf8',
});
const sources: readonly Source[] = listed
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(packageRoot, file)))
  .map(read);
const product = sources.filter(({ file }) => !/^(test|bench)\//.test(file));

function read(file: string): Source {
  const text = readFileSync(path.join(packageRoot, file), 'utf8');
  const imports: { file: string; typeOnly: boolean }[] = [];
  const packages: string[] = [];
  for (const [, type, specifier = ''] of text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?'([^']+)';/gms,
  )) {
    if (specifier.startsWith('.')) {
      const target = path.join(path.dirname(file), specifier).replace(/\.js$/, '.ts');
      imports.push({
        file: existsSync(path.join(packageRoot, target)) ? target : target.replace(/\.ts$/, '.js'),
        typeOnly: type !== undefined,
      });
    } else if (type === undefined) packages.push(specifier);
  }
  return { file, text, imports, packages };
}

/** Layer of a file: the first prefix that fits. */
const LAYERS = [
  'workflows/',
  'config/',
  'prompts/',
  'offline-model/',
  'activities/security/',
  'activities/features/',
  'activities/scaffold/',
  'activities/workspace/',
  'activities/tools/',
  'activities/agent/',
  'activities/backends/',
  'activities/',
  'workers/',
  'scripts/',
] as const;
type Layer = (typeof LAYERS)[number];

const layerOf = (file: string): Layer | undefined => LAYERS.find((layer) => file.startsWith(layer));

/** Which layers a layer may import besides itself; `workflows/` stands for the contract, the messages and the attributes. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  'workflows/': [],
  'config/': [],
  'prompts/': ['config/', 'workflows/'],
  'offline-model/': [],
  'activities/security/': ['config/'],
  'activities/features/': ['workflows/', 'config/'],
  'activities/scaffold/': ['workflows/', 'config/', 'activities/features/'],
  'activities/workspace/': ['workflows/', 'config/', 'activities/security/', 'activities/features/'],
  'activities/tools/': ['workflows/', 'config/', 'activities/security/', 'activities/features/'],
  'activities/agent/': ['workflows/', 'config/', 'activities/tools/'],
  'activities/backends/': [
    'workflows/',
    'config/',
    'activities/security/',
    'activities/features/',
    'activities/scaffold/',
    'activities/workspace/',
    'activities/tools/',
    'activities/agent/',
  ],
  'activities/': ['workflows/', 'config/', 'prompts/', ...LAYERS.filter((layer) => layer.startsWith('activities/'))],
  'workers/': ['activities/', 'activities/workspace/', 'config/', 'workflows/', 'scripts/'],
  'scripts/': ['workflows/', 'config/', ...LAYERS.filter((layer) => layer.startsWith('activities/'))],
};

/** Files of the workflows that others may import: everything else there is the workflow's own. */
const CONTRACT = new Set(
  ['contract', 'fleet-contract', 'messages', 'progress', 'search-attributes', 'settings', 'usage', 'index'].map(
    (name) => `workflows/${name}.ts`,
  ),
);

describe('imports', () => {
  it('point one way', () => {
    const wrong = product.flatMap(({ file, imports }) => {
      const layer = layerOf(file);
      if (layer === undefined) return [];
      return imports.flatMap(({ file: target }) => {
        const to = layerOf(target);
        if (to === undefined || to === layer || MAY_IMPORT[layer].includes(to)) return [];
        return [`${file} -> ${target}`];
      });
    });
    expect(wrong).toEqual([]);
  });

  it('of workflows from outside are its contract and messages only', () => {
    const wrong = product
      .filter(({ file }) => !file.startsWith('workflows/'))
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ file: target }) => target.startsWith('workflows/') && !CONTRACT.has(target))
          .map(({ file: target }) => `${file} -> ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('hold no cycle', () => {
    const edges = new Map(product.map(({ file, imports }) => [file, imports.map((one) => one.file)]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '));
      else if (!done.has(file)) for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
      done.add(file);
    };
    for (const file of edges.keys()) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe('one door per effect', () => {
  const users = (pattern: RegExp): string[] =>
    product.filter(({ packages }) => packages.some((name) => pattern.test(name))).map(({ file }) => file);
  const outside = (files: readonly string[], allowed: RegExp): string[] => files.filter((file) => !allowed.test(file));

  it('processes start in the sandbox, in host-process, and in plain set-up scripts', () => {
    expect(
      outside(
        users(/^(node:child_process|execa)$/),
        /^(activities\/security\/|scripts\/host-process\.ts|scripts\/bootstrap)/,
      ),
    ).toEqual([]);
  });

  it('models are called in one file', () => {
    const callers = product.filter(({ text }) => /new Anthropic\(|\/v1\/messages/.test(text)).map(({ file }) => file);
    expect(outside(callers, /^offline-model\//)).toEqual(['activities/agent/model.ts']);
  });

  it('only activity files know Temporal activities, and the agent knows nothing of Temporal', () => {
    expect(outside(users(/^@temporalio\/activity$/), /^activities\/([a-z-]+\.ts|backends\/)/)).toEqual([]);
    expect(
      users(/^@temporalio/).filter((file) =>
        /^activities\/(agent|tools|features|scaffold|workspace|security)\//.test(file),
      ),
    ).toEqual([]);
  });

  it('Temporal clients are made in one file', () => {
    const makers = product
      .filter(
        ({ text, packages }) =>
          packages.includes('@temporalio/client') && /new (Client|Connection)\(|Connection\.connect/.test(text),
      )
      .map(({ file }) => file);
    expect(makers).toEqual(['scripts/client.ts']);
  });

  it('the environment is read in one file', () => {
    const readers = product
      .filter(({ text }) => /process\.env\b/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
      .map(({ file }) => file);
    expect(outside(readers, /^(config\/environment\.ts|scripts\/bootstrap)/)).toEqual([]);
  });
});

describe('sizes', () => {
  it('keep every file within 250 lines', () => {
    const long = sources
      .filter(({ file }) => !file.startsWith('test/'))
      .map(({ file, text }) => [file, text.split('\n').length - 1] as const);
    expect(long.filter(([, lines]) => lines > 250)).toEqual([]);
  });

  it('keep every function of the product within 40 lines', () => {
    expect(product.filter(({ file }) => file.endsWith('.ts')).flatMap(longFunctions)).toEqual([]);
  });

  it('let every file say at its top what it owns', () => {
    expect(product.filter(({ text }) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

/** Functions and methods by their indentation, which Biome guarantees: from the opening line to the brace at its column. */
function longFunctions({ file, text }: Source): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    const open =
      /^(\s*)(?:export )?(?:async )?(?:(?:static |private |protected |get )*(?:async )?(?:function\s*\*?\s*)?#?[\w]+(?:<[^(]*>)?\(.*|function .*)\{$/.exec(
        line,
      );
    if (open === null || /^\s*(if|for|while|switch|catch|return|else|do|describe|it)\b/.test(line)) return [];
    const end = lines.findIndex((other, index) => index > start && other.startsWith(`${open[1]}}`));
    const length = end - start + 1;
    return length > 40 ? [`${file}:${start + 1} (${length} lines): ${line.trim().slice(0, 60)}`] : [];
  });
}
