/** From what the agent loop reports to what people see: heartbeat values and lines of the event log. */
import type { SessionRequest } from '../workflows/contract.js';
import type { Observe, SessionEvent } from './agent/session-event.js';
import { steerNumber } from './agent/session-state.js';
import type { EventLog } from './event-log.js';
import type { Liveness } from './liveness.js';

export function observer(events: EventLog, live: Liveness, { session, phase }: SessionRequest): Observe {
  return (event) => {
    live.report(liveValues(event));
    switch (event.kind) {
      case 'session_began':
        return events.append({ kind: 'session', session, phase, resumed: false });
      case 'session_resumed':
        return events.append({ kind: 'session', session, phase, resumed: true });
      case 'model_answered':
        return events.append({ kind: 'text', text: event.text });
      case 'model_retry':
        return events.append({
          kind: 'note',
          text: `model: ${event.reason}; again in ${Math.ceil(event.afterMs / 1_000)} s`,
        });
      case 'tool_done': {
        const { tool: name, line: summary, durationMs, isError } = event;
        return events.append({ kind: 'tool', name, summary, durationMs, isError });
      }
      case 'note_delivered':
        return events.append({ kind: 'note', text: `${event.id} delivered to the agent` });
      default:
        return undefined;
    }
  };
}

function liveValues(event: SessionEvent): Parameters<Liveness['report']>[0] {
  switch (event.kind) {
    case 'turn_started':
      return { turn: event.turn };
    case 'model_answered':
      return {
        turn: event.turn,
        inputTokens: event.usage.inputTokens + event.usage.cacheReadTokens + event.usage.cacheWriteTokens,
        outputTokens: event.usage.outputTokens,
      };
    case 'note_delivered':
      return steerNumber(event) > 0 ? { notesDelivered: steerNumber(event) } : {};
    case 'tool_started':
      return { lastTool: `${event.tool}: ${event.line}`.slice(0, 120) };
    default:
      return {};
  }
}
