import type { MessageStream } from '@libp2p/interface'
import { onAbort, throwIfAborted, type AbortOptions, type Cancel, type Clock, type Random } from '@welkin/interface'
import { Line, PACKET_BYTES, type LinkQuality } from '@welkin/links'

/** How often it is asked whether a link that was cut is mended. */
export const RETRY_MS = 100

/** What a connection holds before its sender is told to wait: as much as Linux lets a TCP socket hold. */
const QUEUE_BYTES_MAX = 4 * 1024 * 1024

/** What is due within this goes at once: a timer would make it later than it ought to be. */
const SOON_MS = 0.5

/** What shaping needs of its machine. */
export interface ShapingPorts { clock: Clock, random: Random }

/**
 * Takes the place of a raw connection's `send` and `close`, and lets what is sent pass as a link does: later, one after
 * the other, and not at all while the link is cut. Until it is told of a link it does nothing.
 */
export class ShapedSender {
  readonly #raw: MessageStream
  readonly #send: (bytes: Uint8Array) => boolean
  readonly #ports: ShapingPorts
  readonly #line = new Line()
  /** Waits for the link to be mended. */
  #held: Uint8Array[] = []
  /** Is on its way. */
  #air: Array<{ bytes: Uint8Array, arrivalMs: number }> = []
  #queuedBytes = 0
  #isFull = false
  #passed: Array<() => void> = []
  #quality: (() => LinkQuality) | undefined
  #cancelRetry: Cancel | undefined
  #cancelArrival: Cancel | undefined

  constructor (raw: MessageStream, ports: ShapingPorts) {
    this.#raw = raw
    this.#ports = ports
    this.#send = raw.send.bind(raw)
    const close = raw.close.bind(raw)
    raw.send = data => this.#take(data instanceof Uint8Array ? data : data.subarray())
    raw.close = async options => {
      await this.#untilPassed(options)
      await close(options)
    }
    raw.addEventListener('close', () => this.#drop())
  }

  /** From now on what is sent passes as `quality` says, which is asked for each packet. */
  shape (quality: () => LinkQuality): void {
    this.#quality = quality
  }

  // A connection that has ended refuses in its own words.
  #take (bytes: Uint8Array): boolean {
    if (this.#quality === undefined || this.#raw.status !== 'open') return this.#send(bytes)
    for (let at = 0; at < bytes.byteLength; at += PACKET_BYTES) this.#held.push(bytes.subarray(at, at + PACKET_BYTES))
    this.#queuedBytes += bytes.byteLength
    this.#depart(this.#quality)
    this.#isFull = this.#queuedBytes > QUEUE_BYTES_MAX
    return !this.#isFull && !this.#raw.writableNeedsDrain
  }

  #depart (quality: () => LinkQuality): void {
    const { clock, random } = this.#ports
    for (let bytes = this.#held[0]; bytes !== undefined; bytes = this.#held[0]) {
      const now = quality()
      if (now.cut === true) {
        this.#cancelRetry ??= clock.after(RETRY_MS, () => {
          this.#cancelRetry = undefined
          this.#depart(quality)
        })
        break
      }
      this.#held.shift()
      const nowMs = clock.monotonicMs()
      const arrivalMs = this.#line.arrivalMs(nowMs, bytes.byteLength, now, random)
      if (this.#air.length === 0 && arrivalMs - nowMs <= SOON_MS) this.#arrive(bytes)
      else this.#air.push({ bytes, arrivalMs })
    }
    this.#awaitArrival()
  }

  #awaitArrival (): void {
    const { clock } = this.#ports
    const [next] = this.#air
    if (next === undefined || this.#cancelArrival !== undefined) return
    this.#cancelArrival = clock.after(next.arrivalMs - clock.monotonicMs(), () => {
      this.#cancelArrival = undefined
      const nowMs = clock.monotonicMs()
      for (let due = this.#air[0]; due !== undefined && due.arrivalMs <= nowMs; due = this.#air[0]) {
        this.#air.shift()
        this.#arrive(due.bytes)
      }
      this.#awaitArrival()
    })
  }

  #arrive (bytes: Uint8Array): void {
    this.#queuedBytes -= bytes.byteLength
    this.#send(bytes)
    if (this.#isFull && this.#queuedBytes <= QUEUE_BYTES_MAX) {
      this.#isFull = false
      if (!this.#raw.writableNeedsDrain) this.#raw.safeDispatchEvent('drain')
    }
    if (this.#queuedBytes === 0) this.#tellPassed()
  }

  async #untilPassed ({ signal }: AbortOptions = {}): Promise<void> {
    if (this.#queuedBytes === 0) return
    throwIfAborted(signal)
    await new Promise<void>((resolve, reject) => {
      const ignoreAbort = onAbort(signal, reject)
      this.#passed.push(() => {
        ignoreAbort()
        resolve()
      })
    })
  }

  #tellPassed (): void {
    for (const tell of this.#passed.splice(0)) tell()
  }

  #drop (): void {
    this.#cancelRetry?.()
    this.#cancelArrival?.()
    this.#held = []
    this.#air = []
    this.#queuedBytes = 0
    this.#tellPassed()
  }
}
