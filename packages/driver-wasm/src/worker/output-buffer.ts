import type { OutputStream } from '@welkin/interface'
import { CONTROL } from './control.ts'
import type { News } from './protocol.ts'

const BUFFER_BYTES = 64 * 1024
/** The program waits while so much is on the way. */
const UNTAKEN_BYTES_MAX = 4 * 1024 * 1024
const DELAY_MS = 2

/** Passes output on in pieces that are worth a message, soon; a daemon that does not come after makes it wait. */
export class OutputBuffer {
  readonly #control: Int32Array
  readonly #tell: (news: News, transfer: ArrayBuffer[]) => void
  /** Whether it is asked to flush often enough that something may stay here till then. */
  readonly #delays: boolean
  #bytes = new Uint8Array(0)
  #used = 0
  #stream: OutputStream = 'stdout'
  #sentMs = 0

  constructor (
    control: Int32Array, tell: (news: News, transfer: ArrayBuffer[]) => void, { delays }: { delays: boolean }
  ) {
    this.#control = control
    this.#tell = tell
    this.#delays = delays
  }

  /** Copies the bytes. */
  write (stream: OutputStream, bytes: Uint8Array): void {
    if (stream !== this.#stream) this.flush()
    this.#stream = stream
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + BUFFER_BYTES - this.#used)
      this.#room(this.#used + part.length).set(part, this.#used)
      this.#used += part.length
      at += part.length
      if (this.#used === BUFFER_BYTES) this.flush()
    }
    if (!this.#delays || performance.now() - this.#sentMs > DELAY_MS) this.flush()
  }

  flush (): void {
    if (this.#used === 0) return
    const bytes = this.#bytes.slice(0, this.#used)
    this.#used = 0
    this.#sentMs = performance.now()
    Atomics.add(this.#control, CONTROL.untakenBytes, bytes.length)
    this.#tell({ kind: 'written', stream: this.#stream, bytes }, [bytes.buffer])
    for (;;) {
      const bell = Atomics.load(this.#control, CONTROL.bell)
      if (Atomics.load(this.#control, CONTROL.untakenBytes) <= UNTAKEN_BYTES_MAX) return
      Atomics.wait(this.#control, CONTROL.bell, bell)
    }
  }

  #room (neededBytes: number): Uint8Array {
    if (this.#bytes.length >= neededBytes) return this.#bytes
    const grown = new Uint8Array(Math.min(BUFFER_BYTES, Math.max(neededBytes, 2 * this.#bytes.length, 1024)))
    grown.set(this.#bytes.subarray(0, this.#used))
    this.#bytes = grown
    return grown
  }
}
