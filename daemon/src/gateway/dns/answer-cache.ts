import { putBounded } from '@welkin/async'

interface Kept { reply: Buffer, untilMs: number }

const NAME_AT = 12
const LABEL_BYTES_MAX = 63

/** Whole replies by whole questions: most are asked again within the second. */
export class AnswerCache {
  readonly #kept = new Map<string, Kept>()
  readonly #repliesMax: number

  constructor (repliesMax: number) {
    this.#repliesMax = repliesMax
  }

  /** The reply as one to `packet`, whose key this is. */
  get (key: string, packet: Buffer, nowMs: number): Buffer | undefined {
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.untilMs <= nowMs) return undefined
    return asReplyTo(packet, kept.reply)
  }

  put (key: string, reply: Buffer, untilMs: number): void {
    this.#kept.delete(key)
    putBounded(this.#kept, key, { reply, untilMs }, this.#repliesMax)
  }

  clear (): void {
    this.#kept.clear()
  }
}

/**
 * What a query asks, its id apart and however its name is written: resolvers write it in upper and lower case by
 * chance, to know forged answers. What stands behind the name counts to the bit.
 */
export function keyOf (packet: Buffer): string {
  const end = nameEnd(packet)
  const name = packet.toString('latin1', NAME_AT, end).toLowerCase()
  return packet.toString('latin1', 2, NAME_AT) + name + packet.toString('latin1', end)
}

/** The same reply to another query with that key: with its id, and the name as it is written there. */
export function asReplyTo (packet: Buffer, reply: Buffer): Buffer {
  // A copy, since the one before may still be on its way out.
  const copy = Buffer.allocUnsafe(reply.length)
  reply.copy(copy)
  copy[0] = packet[0] as number
  copy[1] = packet[1] as number
  const hasQuestion = reply[5] === 1
  if (hasQuestion) packet.copy(copy, NAME_AT, NAME_AT, nameEnd(packet))
  return copy
}

/** Behind the name of the question; where there is none, at its beginning. */
function nameEnd (packet: Buffer): number {
  let at = NAME_AT
  for (;;) {
    const length = packet[at]
    if (length === undefined || length > LABEL_BYTES_MAX) return NAME_AT
    at += 1 + length
    if (length === 0) return at
  }
}
