/**
 * What of a project's requirements.txt may be installed on the host: names with versions from the person's own index,
 * nothing else. A path or an editable install would run the project's setup.py as the worker, an option or an address
 * would choose where packages come from.
 */

/** `name[extras] version-specifiers ; marker --hash=…`, as PEP 508 has it without addresses. */
const VERSION = String.raw`(===|[<>=!~]=|[<>])\s*[a-z0-9.*+!_-]+`;
const VERSIONS = String.raw`${VERSION}(\s*,\s*${VERSION})*`;
const PLAIN = new RegExp(
  String.raw`^[a-z0-9][a-z0-9._-]*(\s*\[[a-z0-9._,\s-]*\])?(\s*${VERSIONS}|\s*\(\s*${VERSIONS}\s*\))?(\s*;[^@/\\]*?)?(\s+--hash=\w+:[0-9a-f]+)*$`,
  'i',
);
/** A file name that stands where a package name should: an installer takes it for a path. */
const ARCHIVE = /\.(whl|zip|tar|tgz|egg|gz|bz2|xz|zst)$/i;

/** The first line that is no plain requirement, as it stands in the file; null when there is none. */
export function unsafeRequirement(text: string): string | null {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  for (const line of lines) {
    const requirement = line.replace(/(^|\s)#.*$/, '').trim();
    if (requirement === '') continue;
    const name = /^[^\s;<>=!~[(]*/.exec(requirement)?.[0] ?? '';
    if (!PLAIN.test(requirement) || ARCHIVE.test(name)) return line.trim();
  }
  return null;
}
