import type { ReplyOf } from '@welkin/syscalls'

type Parts = NonNullable<ReplyOf<'move.stop'>['down']>

/** For how long an object stood still, and with what; nothing where that is not known, or not over. */
export type DownTold = Pick<ReplyOf<'move.stop'>, 'down' | 'downMs'>

/** Takes the time of the parts of a stand-still, which come in order. */
export class DownTime {
  readonly #parts: Partial<Parts> = {}
  #lastMs: number | undefined

  since (nowMs: number): void {
    this.#lastMs = nowMs
  }

  /** This part is over now; of one that is told twice, both count. */
  reached (part: keyof Parts, nowMs: number): void {
    if (this.#lastMs === undefined) return
    this.#parts[part] = (this.#parts[part] ?? 0) + nowMs - this.#lastMs
    this.#lastMs = nowMs
  }

  told (): DownTold {
    const { captureMs, copyMs, noteMs, takeMs } = this.#parts
    if (captureMs === undefined || copyMs === undefined || noteMs === undefined || takeMs === undefined) return {}
    return { downMs: captureMs + copyMs + noteMs + takeMs, down: { captureMs, copyMs, noteMs, takeMs } }
  }
}
