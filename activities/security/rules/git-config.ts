/**
 * git config: settings can name programs that git runs, so only the user's name and address are written.
 */
import { refuse } from '../refusal.js';
import { checkKind, type RuleContext } from './rule.js';

export function gitConfig(context: RuleContext): void {
  const words = context.words.filter((word) => word.text !== '--local');
  const text = words.map((word) => word.text).join(' ');
  if (
    /^(--list|-l|list|(--get |get )?(user\.(name|email)|core\.\w+|init\.defaultBranch|remote\.origin\.url))$/.test(text)
  )
    return;
  const [key, value] = words;
  const sets =
    /^user\.(name|email)$/.test(key?.text ?? '') &&
    words.length === 2 &&
    value !== undefined &&
    !value.text.startsWith('-');
  if (!sets) refuse(`git config ${text}`, 'use git config user.name NAME or user.email ADDRESS');
  checkKind('data', value, context);
}
