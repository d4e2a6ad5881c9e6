export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFields = Readonly<Record<string, unknown>>

/** Where a node tells what happened. An event is `<service>.<past_tense>`. No peer-controlled text above debug. */
export interface Logger {
  /** A person must act. */
  error (event: string, fields?: LogFields): void
  /** It may come to that. */
  warn (event: string, fields?: LogFields): void
  /** A rare change of state. */
  info (event: string, fields?: LogFields): void
  debug (event: string, fields?: LogFields): void
}

/** For whoever has nobody to tell. */
export const SILENT: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
