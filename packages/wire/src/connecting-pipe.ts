import type { Pipe, PipeEvents } from './pipe.ts'

/**
 * A pipe that is still being connected: full at first, and what is written meanwhile goes out when `connect` has
 * resolved. Where it rejects, the pipe ends with that as the reason.
 */
export class ConnectingPipe implements Pipe {
  readonly #connect: () => Promise<Pipe>
  readonly #held: Uint8Array[] = []
  #pipe: Pipe | undefined
  #given: 'open' | 'closed' | 'aborted' = 'open'

  constructor (connect: () => Promise<Pipe>) {
    this.#connect = connect
  }

  open (events: PipeEvents): void {
    this.#connect().then(pipe => this.#adopt(pipe, events), (reason: unknown) => events.ended(reason))
  }

  write (chunks: readonly Uint8Array[]): boolean {
    if (this.#pipe !== undefined) return this.#pipe.write(chunks)
    this.#held.push(...chunks)
    return false
  }

  close (): void {
    if (this.#given === 'open') this.#given = 'closed'
    this.#pipe?.close()
  }

  abort (): void {
    this.#given = 'aborted'
    this.#pipe?.abort()
  }

  #adopt (pipe: Pipe, events: PipeEvents): void {
    this.#pipe = pipe
    pipe.open(events)
    if (this.#given === 'aborted') {
      pipe.abort()
      return
    }
    const hasRoom = pipe.write(this.#held.splice(0))
    if (this.#given === 'closed') pipe.close()
    else if (hasRoom) events.drained()
  }
}
