/** What a running session tells whoever watches: the heartbeat, the live view, the log. Observing never fails a session. */
import type { SessionEnd, Usage } from '../../workflows/contract.js';
import type { ModelProgress } from './model.js';

export type SessionEvent =
  | { readonly kind: 'session_began'; readonly session: number }
  | {
      readonly kind: 'session_resumed';
      readonly session: number;
      readonly turn: number;
      readonly promptChanged: boolean;
    }
  | { readonly kind: 'turn_started'; readonly turn: number }
  | ({ readonly kind: 'model_progress'; readonly turn: number } & ModelProgress)
  | { readonly kind: 'model_answered'; readonly turn: number; readonly text: string; readonly usage: Usage }
  | { readonly kind: 'model_retry'; readonly turn: number; readonly afterMs: number; readonly reason: string }
  | { readonly kind: 'tool_started'; readonly turn: number; readonly tool: string; readonly line: string }
  | {
      readonly kind: 'tool_done';
      readonly turn: number;
      readonly tool: string;
      readonly line: string;
      readonly durationMs: number;
      readonly isError: boolean;
    }
  | { readonly kind: 'note_delivered'; readonly id: string; readonly source: 'steer' | 'answer' }
  | { readonly kind: 'session_ended'; readonly reason: SessionEnd };

export type Observe = (event: SessionEvent) => void;
