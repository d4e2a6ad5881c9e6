import { CloudError, type LogFields, type Logger, type LogLevel } from '@welkin/interface'
import { pino, type DestinationStream } from 'pino'

export interface LoggerOptions {
  /** Nothing below it is written. */
  level: LogLevel
  /** Gets one line of JSON for each event. */
  stream: DestinationStream
  /** Stands in every line, e.g. which node writes. */
  fields?: LogFields
}

/** Writes `{"level":"info","time":"2026-01-01T00:00:00.000Z","event":"node.started",...fields}`. */
export function createNodeLogger ({ level, stream, fields = {} }: LoggerOptions): Logger {
  const log = pino({
    level,
    base: { ...fields },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }), log: readable }
  }, stream)
  return {
    error: (event, of = {}) => log.error(of, event),
    warn: (event, of = {}) => log.warn(of, event),
    info: (event, of = {}) => log.info(of, event),
    debug: (event, of = {}) => log.debug(of, event)
  }
}

/** Errors say what they are; JSON alone would make `{}` of them. */
function readable (fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) =>
    [name, value instanceof Error ? describe(value) : value]))
}

function describe (error: Error): LogFields {
  const cause = error.cause instanceof Error ? { cause: describe(error.cause) } : {}
  if (error instanceof CloudError) return { ...error.toJSON(), ...cause }
  return { message: error.message, stack: error.stack, ...cause }
}
