import { putBounded } from '@welkin/async'

interface Kept { reply: Buffer, untilMs: number }

/** Whole replies by whole questions, their ids apart: most are asked again within the second. */
export class AnswerCache {
  readonly #kept = new Map<string, Kept>()
  readonly #repliesMax: number

  constructor (repliesMax: number) {
    this.#repliesMax = repliesMax
  }

  /** By what a query is kept. */
  keyOf (packet: Buffer): string {
    return packet.toString('latin1', 2)
  }

  /** The reply with the id of `packet`, which asks the same. */
  get (key: string, packet: Buffer, nowMs: number): Buffer | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.untilMs <= nowMs) return undefined
    return withIdOf(packet, kept.reply)
  }

  put (key: string, reply: Buffer, untilMs: number): void {
    this.#kept.delete(key)
    putBounded(this.#kept, key, { reply, untilMs }, this.#repliesMax)
  }

  clear (): void {
    this.#kept.clear()
  }
}

/** A copy, since the one before may still be on its way out. */
export function withIdOf (packet: Buffer, reply: Buffer): Buffer {
  const copy = Buffer.allocUnsafe(reply.length)
  reply.copy(copy)
  copy[0] = packet[0] as number
  copy[1] = packet[1] as number
  return copy
}
