/** Cuts a stream into messages with their length, two bytes, before each (RFC 1035, 4.2.2). */
export class Framing {
  #pending: Buffer = Buffer.alloc(0)

  /** The messages that are complete now; they are copies. */
  take (chunk: Buffer): Buffer[] {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const messages: Buffer[] = []
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      messages.push(Buffer.from(rest.subarray(2, end)))
      rest = rest.subarray(end)
    }
    this.#pending = Buffer.from(rest)
    return messages
  }
}

/** The message with its length before it. */
export function framed (message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}
