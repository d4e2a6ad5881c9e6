import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudError, isCloudError, type CloudEvent } from '@welkin/interface'
import { sendSignal, type StartedDaemon } from '@welkin/local-cloud'
import type { Syscalls } from '@welkin/syscalls'
import { connect, type Connection } from '@welkin/syscalls/connect'
import { NOTHING_SENT, type Sent } from '../cloud.ts'

/** A daemon that stands still answers nothing. */
const ANSWER_MS = 2000

const COUNTERS = {
  calls: 'welkin_overlay_sent_calls_total',
  payloadBytes: 'welkin_overlay_sent_payload_bytes_total',
  messages: 'welkin_overlay_sent_pieces_total',
  bytes: 'welkin_overlay_sent_bytes_total'
} satisfies Record<keyof Sent, string>

export interface LifeParts {
  dataDir: string
  /** Starts the daemon; an abort ends it. */
  start: (signal: AbortSignal) => Promise<StartedDaemon>
  /** Is told what the daemon tells of. */
  onEvent: (event: CloudEvent) => void
  /** Is told when it ends by itself. */
  onDeath: () => void
}

/** One life of a real daemon, from its start to its end, or to where it is stopped for good. */
export class Life {
  readonly #parts: LifeParts
  readonly #abort = new AbortController()
  #daemon: StartedDaemon | undefined
  #connection: Connection | undefined
  #isPaused = false
  #isOver = false
  /** By its last answer. */
  #sent = NOTHING_SENT

  constructor (parts: LifeParts) {
    this.#parts = parts
  }

  get isOver (): boolean {
    return this.#isOver
  }

  /** Whether it answers, or did until it was paused. */
  get isReady (): boolean {
    return this.#connection !== undefined && !this.#isOver
  }

  get syscalls (): Syscalls {
    if (this.#connection !== undefined) return this.#connection.syscalls
    throw new CloudError('EHOSTDOWN', 'The daemon does not answer yet; ask it when it has started.')
  }

  /** Resolves when it answers, with true; with false when it was ended before. Rejects when it cannot start. */
  async begin (): Promise<boolean> {
    const { onDeath, start } = this.#parts
    try {
      const daemon = this.#daemon = await start(this.#abort.signal)
      daemon.process.once('exit', () => {
        if (this.#isOver) return
        this.#isOver = true
        onDeath()
      })
      this.#connection = await connect({ socket: daemon.info.socket })
      if (this.#isPaused) this.#signal('SIGSTOP')
      void this.#hear(this.#connection.syscalls)
      return true
    } catch (error) {
      if (this.#isOver) return false
      this.end('SIGKILL')
      throw error
    }
  }

  /** Ends it by SIGKILL; by SIGSTOP nobody is told, not even by the system, until `clear` or another end. */
  end (by: 'SIGKILL' | 'SIGSTOP'): void {
    this.#isOver = true
    this.#abort.abort(new CloudError('ECANCELED', 'The daemon was ended before it was ready.'))
    this.#signal(by)
    this.#connection?.close()
  }

  /** Whatever is left of it goes, at once; resolves when it has. */
  async clear (): Promise<void> {
    const { process } = this.#daemon ?? {}
    const end = process === undefined || hasEnded(process) ? undefined : once(process, 'exit')
    this.end('SIGKILL')
    await end
  }

  pause (): void {
    this.#isPaused = true
    if (this.isReady) this.#signal('SIGSTOP')
  }

  resume (): void {
    this.#isPaused = false
    if (this.isReady) this.#signal('SIGCONT')
  }

  /** Calls it; undefined where it does not answer in time. */
  async ask<Answer> (call: (syscalls: Syscalls, timeoutMs: number) => Promise<Answer>): Promise<Answer | undefined> {
    if (!this.isReady || this.#isPaused) return undefined
    try {
      return await call(this.syscalls, ANSWER_MS)
    } catch (error) {
      if (!isCloudError(error)) throw error
      return undefined
    }
  }

  /** What it has sent in this life, as far as it has ever said. */
  async sent (): Promise<Sent> {
    const { info } = this.#daemon ?? {}
    if (!this.isReady || this.#isPaused || info?.http === undefined || info.http === null) return this.#sent
    try {
      const token = await readFile(join(this.#parts.dataDir, 'http.token'), 'utf8')
      const headers = { authorization: `Bearer ${token.trim()}` }
      const answer = await fetch(`${info.http}/metrics`, { headers, signal: AbortSignal.timeout(ANSWER_MS) })
      const text = await answer.text()
      const figures = Object.entries(COUNTERS).map(([what, counter]) => [what, figureIn(text, counter)])
      this.#sent = Object.fromEntries(figures) as Sent
    } catch {
      // It was ended or stopped meanwhile.
    }
    return this.#sent
  }

  async #hear (syscalls: Syscalls): Promise<void> {
    try {
      for await (const event of syscalls.events({ scope: 'node', follow: true })) this.#parts.onEvent(event)
    } catch (error) {
      if (!isCloudError(error)) throw error
    }
  }

  #signal (signal: NodeJS.Signals): void {
    if (this.#daemon !== undefined && !hasEnded(this.#daemon.process)) sendSignal(this.#daemon.info.pid, signal)
  }
}

function hasEnded ({ exitCode, signalCode }: StartedDaemon['process']): boolean {
  return exitCode !== null || signalCode !== null
}

/** The value of a counter without labels in Prometheus' text format. */
function figureIn (text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)
}
