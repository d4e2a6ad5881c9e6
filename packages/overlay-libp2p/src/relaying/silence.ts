import type { Cancel, Clock } from '@welkin/interface'

/** After so long without a byte a connection is probed on which something waits. */
const QUIET_MS = 2000
/** For so long any byte may come back then, before it is held to be mute. */
const ANSWER_MS = 2000

export interface SilencePorts {
  clock: Clock
  /** Asks the other end for an answer; resolves when that has come. */
  probe: () => Promise<unknown>
  /** Whether an own call is unanswered. */
  waits: () => boolean
  /** Nothing has come, not even an answer to the probe. */
  mute: () => void
}

/** Listens to one connection while something is to come over it, and costs nothing at other times. */
export class Silence {
  readonly #ports: SilencePorts
  #heardMs: number
  /** Whether something was asked since anything came, even where its caller has given up since. */
  #owed = false
  #cancel: Cancel | undefined

  constructor (ports: SilencePorts) {
    this.#ports = ports
    this.#heardMs = ports.clock.monotonicMs()
  }

  /** When anything came last. */
  get heardMs (): number {
    return this.#heardMs
  }

  /** A call goes out. */
  asked (): void {
    this.#owed = true
    this.#lookLater()
  }

  /** Something came. */
  heard (): void {
    this.#owed = false
    this.#heardMs = this.#ports.clock.monotonicMs()
  }

  /** The connection has ended. */
  stop (): void {
    this.#cancel?.()
  }

  #lookLater (): void {
    this.#cancel ??= this.#ports.clock.after(QUIET_MS, () => {
      this.#cancel = undefined
      this.#look()
    })
  }

  #look (): void {
    const { clock, mute, probe, waits } = this.#ports
    if (!this.#owed && !waits()) return
    const askedMs = clock.monotonicMs()
    if (askedMs - this.#heardMs < QUIET_MS) {
      this.#lookLater()
      return
    }
    probe().then(() => this.heard(), () => { /* the connection ends by that */ })
    this.#cancel = clock.after(ANSWER_MS, () => {
      this.#cancel = undefined
      if (this.#heardMs < askedMs) mute()
      else this.#lookLater()
    })
  }
}
