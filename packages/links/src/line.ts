import type { Random } from '@welkin/interface'
import type { LinkQuality } from './quality.ts'

/** What is sent at once shares a packet up to this size, and with it delay and loss. */
export const PACKET_BYTES = 64 * 1024

/** What TCP waits at least and at most before it sends a packet again (RFC 6298, as Linux has it). */
const RETRANSMISSION_MS_MIN = 200
const RETRANSMISSION_MS_MAX = 120_000

/** What one connection sends one way: each packet takes its turn on the line, and none overtakes another. */
export class Line {
  /** When all that was sent so far has left; until then, what is sent waits. */
  freeMs = 0
  #arrivalMs = 0

  /** When a packet that is sent at `nowMs` arrives, on the same clock. Asked in the order of sending. */
  arrivalMs (nowMs: number, sizeBytes: number, quality: LinkQuality, random: Random): number {
    this.freeMs = Math.max(nowMs, this.freeMs) + sizeBytes / quality.bytesPerSecond * 1000
    this.#arrivalMs = Math.max(this.#arrivalMs, this.freeMs + drawTransitMs(quality, random))
    return this.#arrivalMs
  }
}

/** Milliseconds that a packet spends on its way once the line is free; what is lost is sent again, later each time. */
export function drawTransitMs ({ latencyMs, jitterMs, lossRatio }: LinkQuality, random: Random): number {
  let transitMs = latencyMs + (jitterMs > 0 ? random.unit() * jitterMs : 0)
  if (lossRatio <= 0) return transitMs
  for (let waitMs = Math.max(RETRANSMISSION_MS_MIN, 2 * latencyMs); random.unit() < lossRatio; waitMs *= 2) {
    transitMs += Math.min(waitMs, RETRANSMISSION_MS_MAX)
  }
  return transitMs
}
