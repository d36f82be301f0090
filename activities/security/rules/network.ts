/**
 * curl to servers of the project, which listen on loopback. One URL, and no option that names another host or reads and
 * writes files outside.
 */
import { refuse } from '../refusal.js';
import type { Word } from '../shell-word.js';
import { flags } from './files.js';
import {
  checkKind,
  checkOptions,
  checkPath,
  denied,
  type Kind,
  type Options,
  type RuleContext,
  type Rules,
} from './rule.js';

const LOOPBACK = /^(https?:\/\/)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(:\d{1,5})?($|[/?#])/i;
const data = (...names: string[]): Record<string, Kind> => Object.fromEntries(names.map((name) => [name, 'data']));

const CURL_OPTIONS: Options = {
  ...flags(
    '-s',
    '-S',
    '-f',
    '-i',
    '-I',
    '-v',
    '-k',
    '-g',
    '-G',
    '-L',
    '-N',
    '-4',
    '-6',
    '-#',
    '--silent',
    '--show-error',
    '--fail',
    '--include',
  ),
  ...flags(
    '--head',
    '--verbose',
    '--insecure',
    '--get',
    '--location',
    '--no-buffer',
    '--fail-with-body',
    '--compressed',
    '--no-progress-meter',
  ),
  ...flags('--retry-connrefused', '--retry-all-errors', '--http1.1', '--globoff', '--version', '-V'),
  ...data(
    '-X',
    '-H',
    '-d',
    '-A',
    '-e',
    '-u',
    '-m',
    '-w',
    '-b',
    '-F',
    '--request',
    '--header',
    '--data',
    '--data-raw',
    '--data-binary',
  ),
  ...data(
    '--data-urlencode',
    '--data-ascii',
    '--json',
    '--user-agent',
    '--referer',
    '--user',
    '--max-time',
    '--connect-timeout',
    '--write-out',
    '--cookie',
  ),
  ...data('--form', '--form-string', '--retry', '--retry-delay', '--retry-max-time', '--max-redirs'),
  '-o': 'write',
  '--output': 'write',
  '-c': 'write',
  '--cookie-jar': 'write',
  '-D': 'write',
  '--dump-header': 'write',
  '-T': 'read',
  '--upload-file': 'read',
  '-O': denied('the name comes from the URL and could be any file'),
  '-K': denied('it reads options from a file'),
  '-x': denied('it sends the request elsewhere'),
};

/** Options whose value names a file behind @ or <. */
const MAY_NAME_FILE = /^(-[dFHwb]|--(data|data-binary|data-ascii|data-urlencode|json|form|header|write-out|cookie))$/;

export const networkRules: Rules = {
  curl: { why: 'asks servers of the project on loopback', whole: (context) => curl(context) },
};

function curl(context: RuleContext): void {
  for (const [index, word] of context.words.entries()) {
    const next = context.words[index + 1];
    fileValue(word, next, context);
    const uploads = /^(-[a-zA-Z]*T|--upload-file)/.test(word.text);
    if (uploads && /[{[]/.test(`${word.text}${next?.text ?? ''}`)) refuse('curl -T with a pattern', 'name one file');
  }
  const urls = checkOptions({ why: '', options: CURL_OPTIONS }, { ...context, words: context.words.map(withoutGlob) });
  if (urls.length === 0 && context.words.some((word) => /^(-V|--version)$/.test(word.text))) return;
  const [url] = urls;
  if (url === undefined || urls.length > 1) refuse(`curl with ${urls.length} addresses`, 'ask one URL per curl');
  const known = url.text.split(/[\ufffb\ufffc]/)[0] ?? '';
  const settled = !url.unknown || /^(https?:\/\/)?(\[::1\]|[^/?#:]+)(:\d+)?[/?#]/.test(known);
  if (url.splits || !settled || !LOOPBACK.test(known))
    refuse(`curl to ${url.text}`, 'ask http://127.0.0.1:PORT/… of a server of this project');
}

/** In a URL, `?` and `[` are no patterns that could match a file of the project in any harmful way. */
const withoutGlob = (word: Word): Word => (LOOPBACK.test(word.text) ? { ...word, glob: false } : word);

/** `-F a=@b,c` sends two files; `--data-urlencode name@file` one. */
function severalFiles(name: string, value: Word, context: RuleContext): void {
  const uploads = /^(-F|--form)$/.test(name) && /=[@<].*,/.test(value.text);
  if (uploads) refuse(`${value.text} names several files`, 'use one -F for each file');
  const inName = name === '--data-urlencode' ? /^[^=@]*@(.*)$/s.exec(value.text)?.[1] : undefined;
  if (inName !== undefined) checkPath({ ...value, text: inName, glob: false }, 'read', context);
}

function fileValue(word: Word, next: Word | undefined, context: RuleContext): void {
  const match = /^(--[a-z-]+)=?(.*)$/s.exec(word.text) ?? /^-[a-zA-Z#]*?([dFHwb])(.*)$/s.exec(word.text);
  if (match === null) return;
  const name = match[1]?.startsWith('--') ? (match[1] ?? '') : `-${match[1] ?? ''}`;
  if (!MAY_NAME_FILE.test(name)) return;
  const value = match[2] ? { ...word, text: match[2] } : next;
  if (value === undefined) return;
  if (/^[\ufffb\ufffc]/.test(value.text)) checkKind('read', value, context);
  if (value.text.includes('%output{')) refuse('curl -w with %output', 'use -o file');
  severalFiles(name, value, context);
  const isCookieFile = /^(-b|--cookie)$/.test(name) && !value.text.includes('=');
  if (isCookieFile) checkPath(value, 'read', context);
  for (const part of value.text.matchAll(/(?:^|=)[@<]([^;,]*)/g))
    checkPath({ ...value, text: part[1] ?? '', glob: false }, 'read', context);
}
