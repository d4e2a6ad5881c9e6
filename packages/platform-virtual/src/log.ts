import type { Logger, LogFields, LogLevel, NodeId } from '@welkin/interface'

/** One line of a node's log. */
export interface LogEntry { atMs: number, node: NodeId, level: LogLevel, event: string, fields: LogFields }

/** Tells `sink` all that is logged, with the time of the timeline. */
export function createVirtualLogger (node: NodeId, nowMs: () => number, sink: (entry: LogEntry) => void): Logger {
  const at = (level: LogLevel) => (event: string, fields: LogFields = {}): void => {
    sink({ atMs: nowMs(), node, level, event, fields })
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}
