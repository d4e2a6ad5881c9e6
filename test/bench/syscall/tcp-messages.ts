import type { Socket } from 'node:net'
import { Packr } from 'msgpackr'

const LENGTH_BYTES = 4
const packr = new Packr({ useRecords: false })

/** Writes a value as its length and msgpack, at once. */
export function writeMessage (socket: Socket, value: unknown): void {
  const bytes = packr.pack(value)
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + bytes.byteLength)
  framed.writeUInt32BE(bytes.byteLength)
  bytes.copy(framed, LENGTH_BYTES)
  socket.write(framed)
}

/** Calls `received` with each value that comes. */
export function readMessages (socket: Socket, received: (value: unknown) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', chunk => {
    const bytes = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (bytes.byteLength >= at + LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + bytes.readUInt32BE(at)
      if (end > bytes.byteLength) break
      received(packr.unpack(bytes.subarray(at + LENGTH_BYTES, end)))
      at = end
    }
    rest = bytes.subarray(at)
  })
}
