import {
  CloudError, type Cancel, type Channel, type Clock, type ErrorCode, type Handler, type LogFields, type Logger
} from '@welkin/interface'
import { expect } from 'chai'
import { pipePair, Wire, type Call, type Pipe, type PipeEvents, type WireLimits } from '../src/index.ts'

/** Time that passes only when told. */
export class TestClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<{ dueMs: number, callback: () => void }>()

  monotonicMs (): number { return this.#nowMs }
  wallMs (): number { return this.#nowMs }

  get timers (): number { return this.#timers.size }

  after (delayMs: number, callback: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return () => { this.#timers.delete(timer) }
  }

  advance (ms: number): void {
    this.#nowMs += ms
    for (const timer of this.#timers) {
      if (timer.dueMs > this.#nowMs) continue
      this.#timers.delete(timer)
      timer.callback()
    }
  }
}

/** Runs what is deferred, and knows when nothing is. */
export class TestLoop {
  #outstanding = 0

  readonly defer = (run: () => void): void => {
    this.#outstanding++
    setImmediate(() => {
      this.#outstanding--
      run()
    })
  }

  /** Resolves when nothing would happen any more by itself. */
  async idle (): Promise<void> {
    do await new Promise(resolve => setImmediate(resolve))
    while (this.#outstanding > 0)
  }
}

export class TestLog implements Logger {
  readonly events: Array<{ level: string, event: string, fields: LogFields | undefined }> = []
  error (event: string, fields?: LogFields): void { this.events.push({ level: 'error', event, fields }) }
  warn (event: string, fields?: LogFields): void { this.events.push({ level: 'warn', event, fields }) }
  info (event: string, fields?: LogFields): void { this.events.push({ level: 'info', event, fields }) }
  debug (event: string, fields?: LogFields): void { this.events.push({ level: 'debug', event, fields }) }
}

/** A pipe that a test holds in its hands. */
export class HandPipe implements Pipe {
  readonly written: Uint8Array[] = []
  events!: PipeEvents
  full = false
  closed = false

  open (events: PipeEvents): void { this.events = events }

  write (chunks: readonly Uint8Array[]): boolean {
    this.written.push(...chunks.map(chunk => Uint8Array.from(chunk)))
    return !this.full
  }

  close (): void { this.closed = true }
  abort (): void { this.closed = true }
}

export interface World {
  clock: TestClock
  loop: TestLoop
  log: TestLog
  left: Wire
  right: Wire
}

export interface Ends {
  left?: Handler<Call>
  right?: Handler<Call>
  limits?: Partial<WireLimits>
  /** The longest chunk in which anything arrives. */
  chunkBytes?: number
}

/** Two ends of one wire. */
export function world ({ left, right, limits, chunkBytes = Number.POSITIVE_INFINITY }: Ends = {}): World {
  const clock = new TestClock()
  const loop = new TestLoop()
  const log = new TestLog()
  const [leftPipe, rightPipe] = pipePair(loop.defer)
  const common = { clock, log, defer: loop.defer, limits }
  return {
    clock,
    loop,
    log,
    left: new Wire({ ...common, pipe: inChunks(leftPipe, chunkBytes), handler: left }),
    right: new Wire({ ...common, pipe: inChunks(rightPipe, chunkBytes), handler: right })
  }
}

function inChunks (pipe: Pipe, bytesMax: number): Pipe {
  return {
    open: events => pipe.open({
      received: bytes => {
        for (let at = 0; at < bytes.byteLength; at += bytesMax) events.received(bytes.subarray(at, at + bytesMax))
      },
      drained: () => events.drained(),
      ended: reason => events.ended(reason)
    }),
    write: chunks => pipe.write(chunks),
    close: () => pipe.close(),
    abort: () => pipe.abort()
  }
}

/** Answers with what it got. */
export const ECHO: Handler<Call> = {
  request: async payload => payload,
  channel: async (payload, channel) => {
    await channel.send(payload)
    for await (const message of channel) await channel.send(message)
  }
}

/** A handler of which only one part matters. */
export function requests (request: Handler<Call>['request']): Handler<Call> {
  return { ...ECHO, request }
}

export function channels (channel: Handler<Call>['channel']): Handler<Call> {
  return { ...ECHO, channel }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const read = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

export async function readAll (channel: Channel): Promise<string[]> {
  const messages: string[] = []
  for await (const message of channel) messages.push(read(message))
  return messages
}

/** What `promise` rejects with. */
export async function rejection (promise: Promise<unknown>): Promise<CloudError> {
  return await promise.then(() => { throw new Error('It was fulfilled.') }, (error: CloudError) => error)
}

/** Passes when `promise` rejects with a CloudError of this code. */
export async function rejects (promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  expect(await rejection(promise)).to.be.instanceOf(CloudError).with.property('code', code)
}

/** A promise and its resolver. */
export function deferred<T = void> (): { promise: Promise<T>, resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(settle => { resolve = settle })
  return { promise, resolve }
}
