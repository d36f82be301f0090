/**
 * The package index that pip uses when nothing is configured, asked of pip's own code: the installed pip, else the one
 * that Python's ensurepip carries. Nightshift names no index itself.
 */
import { run } from '../host-process.js';

export interface PipDefaults {
  /** Simple index, without a trailing slash. */
  readonly indexUrl: string;
  /** Host that the files of that index come from. */
  readonly fileHost: string;
}

/** Prints the two on two lines. `PyPI` lives in pip's private code (read in pip 23.2 and 24): its absence is an answer. */
const SCRIPT = `
import glob, os, sys
try:
    from pip._internal.models.index import PyPI
except ImportError:
    import ensurepip, sysconfig
    kept = [os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"), sysconfig.get_config_var("WHEEL_PKG_DIR")]
    kept.append("/usr/share/python-wheels")
    sys.path[:0] = [file for folder in kept if folder for file in glob.glob(os.path.join(folder, "pip-*.whl"))]
    from pip._internal.models.index import PyPI
print(PyPI.simple_url)
print(PyPI.file_storage_domain)
`;

/** Null when this Python has no pip in any form (Debian's python3 without python3-venv). */
export async function pipDefaults(python: string): Promise<PipDefaults | null> {
  const { stdout } = await run(python, ['-I', '-c', SCRIPT], { timeoutMs: 20_000 });
  const [indexUrl, fileHost] = stdout.trim().split('\n');
  return indexUrl && fileHost ? { indexUrl: indexUrl.replace(/\/+$/, ''), fileHost } : null;
}
