/** What a pipe tells the one who opened it. */
export interface PipeEvents {
  /** Bytes came, in order; the receiver keeps them as they are, so they must not change any more. */
  received (bytes: Uint8Array): void
  /** After a write that returned false: there is room again. */
  drained (): void
  /** Nothing will come or go any more; called once. A CloudError as `reason` is what pending calls reject with. */
  ended (reason?: unknown): void
}

/** A reliable two-way byte stream, and no more than a Wire needs of it. */
export interface Pipe {
  /** Says who listens; called once, before anything else. Events may come at once, even from inside this call. */
  open (events: PipeEvents): void
  /**
   * Takes all of `chunks`, which must not change any more. False: it is full; the next write should wait for
   * `drained`. After the end it does nothing.
   */
  write (chunks: readonly Uint8Array[]): boolean
  /** Ends when what was written is on its way. */
  close (): void
  /** Ends at once. */
  abort (): void
}

/**
 * Two pipes, each the other's far end, within one process, to be opened before what is deferred now would run;
 * `defer` runs a function soon, in order.
 */
export function pipePair (defer: (run: () => void) => void): [Pipe, Pipe] {
  const left = new MemoryPipe(defer)
  const right = new MemoryPipe(defer)
  left.far = right
  right.far = left
  return [left, right]
}

class MemoryPipe implements Pipe {
  far: MemoryPipe = this
  readonly #defer: (run: () => void) => void
  /** Undefined after the end. */
  #events: PipeEvents | undefined

  constructor (defer: (run: () => void) => void) {
    this.#defer = defer
  }

  open (events: PipeEvents): void {
    this.#events = events
  }

  // Never full: the far end takes in at each tick all that was written in the one before.
  write (chunks: readonly Uint8Array[]): boolean {
    if (this.#events === undefined) return true
    this.#defer(() => {
      for (const chunk of chunks) this.far.receive(chunk)
    })
    return true
  }

  close (): void {
    this.#defer(() => this.abort())
  }

  abort (): void {
    this.end()
    this.#defer(() => this.far.end())
  }

  receive (chunk: Uint8Array): void {
    this.#events?.received(chunk)
  }

  end (): void {
    const events = this.#events
    this.#events = undefined
    events?.ended()
  }
}
