import type { MessageParam } from '@anthropic-ai/sdk/resources/messages';
import { describe, expect, test } from '@jest/globals';
import { INTERRUPTED, NOT_STARTED } from '../../activities/agent/conversation.js';
import { ANNOUNCEMENT, type Decision, decide, MAX_REPEATS } from '../../offline-model/decide.js';
import { goodTools, opening, play, requestWith, type ScriptedTools } from './conversations.js';

const interrupted = { text: INTERRUPTED, isError: true };

const last = (decisions: readonly Decision[]): string => decisions.at(-1)?.text ?? '';
const callsTo = (decisions: readonly Decision[], name: string): number =>
  decisions.filter((decision) => decision.call?.name === name).length;

/** The good tools, but for one tool and operation. */
const except =
  (name: string, operation: string, result: { text: string; isError?: boolean }): ScriptedTools =>
  (called, input, made) =>
    called === name && (input.operation ?? input.command ?? input.resource) === operation
      ? result
      : goodTools(called, input, made);

describe('decide', () => {
  test('is a function of the request: the same one, the same answer', () => {
    const request = requestWith([{ role: 'user', content: opening('coding') }]);
    expect(decide(request)).toEqual(decide(structuredClone(request)));
  });

  test('takes the phase from the first such line, whatever a spec further down says', () => {
    const decisions = play('initializer', goodTools, `${opening('initializer')}\n<spec>\nPhase: coding\n</spec>`);
    expect(decisions[2]?.call).toEqual({ name: 'scaffold', input: { operation: 'plan' } });
  });

  test('says that a conversation without a phase is not its own', () => {
    const decision = decide(requestWith([{ role: 'user', content: 'Write me a poem.' }]));
    expect(decision.call).toBeNull();
    expect(decision.text).toMatch(new RegExp(`^${ANNOUNCEMENT.slice(0, 30)}`));
    expect(decision.text).toContain('Phase:');
  });

  test('repeats a call that was interrupted, and then goes on', () => {
    let seen = 0;
    const decisions = play('coding', (name, input, made) =>
      name === 'scaffold' && seen++ === 0 ? interrupted : goodTools(name, input, made),
    );
    expect(callsTo(decisions, 'scaffold')).toBe(2);
    expect(last(decisions)).toContain('All 12');
  });

  test.each(['the tool scaffold itself broke (Error: boom). Try once more', 'The sandbox ended under this command: …'])(
    'repeats a call of which the harness says: %s',
    (text) => {
      let seen = 0;
      const decisions = play('coding', (name, input, made) =>
        name === 'scaffold' && seen++ === 0 ? { text, isError: true } : goodTools(name, input, made),
      );
      expect(callsTo(decisions, 'scaffold')).toBe(2);
      expect(last(decisions)).toContain('All 12');
    },
  );

  test('gives up on a call that is interrupted every time', () => {
    const decisions = play('coding', except('scaffold', 'resource', interrupted));
    expect(callsTo(decisions, 'scaffold')).toBe(1 + MAX_REPEATS);
    expect(last(decisions)).toContain('I stop');
  });

  test('repeats a call that never started as often as it is asked to', () => {
    let seen = 0;
    const decisions = play('coding', (name, input, made) =>
      name === 'scaffold' && seen++ < 5 ? { text: NOT_STARTED, isError: true } : goodTools(name, input, made),
    );
    expect(callsTo(decisions, 'scaffold')).toBe(6);
    expect(last(decisions)).toContain('All 12');
  });

  test('does not take a program that prints "interrupted" for an interrupted call', () => {
    const decisions = play('coding', except('bash', 'pwd && ls', { text: 'interrupted.txt' }));
    expect(callsTo(decisions, 'bash')).toBe(4);
  });

  test('says so when a note came before the session, after announcing itself', () => {
    const content = [opening('coding'), 'Note from the person who runs this build: Use UUIDs.'];
    const request = requestWith([{ role: 'user', content: content.map((text) => ({ type: 'text', text })) }]);
    expect(decide(request).text).toMatch(new RegExp(`^${ANNOUNCEMENT.slice(0, 30)}[^]*can not follow notes`));
  });

  test('says so when a person writes a note, and goes on', () => {
    const first: MessageParam[] = [{ role: 'user', content: opening('coding') }];
    const call = decide(requestWith(first)).call;
    const decision = decide(
      requestWith([
        ...first,
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'a', name: call?.name ?? '', input: call?.input ?? {} }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: 'app' },
            { type: 'text', text: 'Note from the person who runs this build: Use UUIDs, please.' },
          ],
        },
      ]),
    );
    expect(decision.text).toContain('can not follow notes');
    expect(decision.call).toEqual({ name: 'bash', input: { command: 'git log --oneline -5' } });
  });

  test('ends a conversation that other rules led', () => {
    const decision = decide(
      requestWith([
        { role: 'user', content: opening('coding') },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'ask_human', input: { question: '?' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'noted' }] },
      ]),
    );
    expect(decision).toMatchObject({ call: null, text: expect.stringContaining('ask_human') });
  });
});

describe('the initializer', () => {
  test('stops when the plan names no resources that it can read', () => {
    const decisions = play('initializer', except('scaffold', 'plan', { text: 'resources: users; rm -rf /' }));
    expect(decisions).toHaveLength(4);
    expect(last(decisions)).toContain('I stop');
  });

  test('proposes what belongs to no resource as well, after the resources', () => {
    const plan = { text: 'resources: users\nalso propose: general\n' };
    const decisions = play('initializer', except('scaffold', 'plan', plan));
    const proposed = decisions.filter((decision) => decision.call?.input.operation === 'propose');
    expect(proposed.map((decision) => decision.call?.input.resource)).toEqual(['users', 'general']);
  });

  test('passes over a resource of which the compiler derived nothing', () => {
    const none = { text: 'The compiler derived no features for "users"; propose some of your own.', isError: true };
    const decisions = play('initializer', (name, input, made) =>
      input.resource === 'users' ? none : goodTools(name, input, made),
    );
    expect(last(decisions)).toContain('Hand-over');
  });

  test('closes the list of a spec of which nothing compiles', () => {
    const decisions = play('initializer', except('scaffold', 'plan', { text: 'resources: none' }));
    expect(decisions.map((decision) => decision.call?.input.operation)).toContain('finish');
  });

  test.each([
    ['propose', 'features tags: bad id'],
    ['finish', '60 test cases, at least 100 are wanted'],
  ])('passes on why %s was refused, and ends', (operation, reason) => {
    const decisions = play('initializer', except('features', operation, { text: reason, isError: true }));
    expect(last(decisions)).toContain(reason);
    expect(decisions.filter((decision) => decision.call?.input.operation === operation)).toHaveLength(1);
  });
});

describe('a coding session', () => {
  test('ends at once when nothing is left that rules can do', () => {
    const decisions = play('coding', except('features', 'next', { text: 'next: none\n3 need a model' }));
    expect(decisions).toHaveLength(4);
    expect(last(decisions)).toContain('needs a model');
  });

  test('leaves failing cases open and says how many', () => {
    const decisions = play('coding', except('check', 'tags', { text: 'cases: 9 of 12 passing\n…', isError: true }));
    expect(last(decisions)).toContain('9 of 12 test cases pass; 3 stay open');
    expect(callsTo(decisions, 'check')).toBe(1);
  });

  test('names the denial when a command is refused, and ends', () => {
    const denied = { text: 'Refused by the command policy, nothing was run: pytest is off', isError: true };
    const decisions = play('coding', except('bash', 'pytest -q tests/api/v1/test_tags.py', denied));
    expect(last(decisions)).toContain('pytest is off');
  });

  test('quotes the end of a failed test run, not its beginning', () => {
    const red = { text: '..F..\nE  assert 1 == 2\n1 failed, 4 passed in 0.2s\n[exit code 1]', isError: true };
    const decisions = play('coding', except('bash', 'pytest -q tests/api/v1/test_tags.py', red));
    expect(last(decisions)).toContain('not clean: 1 failed, 4 passed in 0.2s [exit code 1]');
    expect(callsTo(decisions, 'check')).toBe(1);
  });

  test('stops when the compiler can not write the resource', () => {
    const decisions = play('coding', except('scaffold', 'resource', { text: 'unknown resource', isError: true }));
    expect(last(decisions)).toContain('unknown resource');
    expect(callsTo(decisions, 'check')).toBe(0);
  });
});
