/**
 * The protocol, version 1.
 *
 * A frame, big-endian:      u32 length of what follows | u8 kind | u32 call id | payload
 *
 * Both ends may call. Whoever calls draws the call's id; frames that answer a call carry the bit ANSWER in their kind,
 * so that the two ends' ids never meet. A frame about a call that is over is dropped: it crossed the end on its way.
 *
 *   hello       each end, first of all and once:   HELLO(u16 version, u32 longest payload that it takes)
 *
 *   request     caller     REQUEST(u32 timeoutMs or 0, payload)
 *               answerer   REPLY(payload)  or  ERROR(record)
 *               caller     CANCEL when it no longer waits; then no answer comes
 *
 *   channel     caller     OPEN(u32 timeoutMs or 0, u32 credit, first message)
 *               answerer   CREDIT(u32 bytes), its window
 *               either     DATA(message)      while its credit is above 0
 *               either     CREDIT(u32 bytes)  as its reader takes messages
 *               either     END                sends no more
 *               either     STOP               reads no more; the other end's sends fail with EPIPE
 *               either     ERROR(record)      both directions are over
 *
 * A message costs its bytes and MESSAGE_OVERHEAD of the credit, which it may overdraw: one message longer than the
 * window is sent, and the next waits. The first message travels in OPEN and costs nothing. A record is
 * {code, message, fields?} in MessagePack. Whatever else is received ends the connection.
 */

export const VERSION = 1

export const HELLO = 1
export const REQUEST = 2
export const REPLY = 3
export const ERROR = 4
export const CANCEL = 5
export const OPEN = 6
export const DATA = 7
export const END = 8
export const STOP = 9
export const CREDIT = 10

/** Set in the kind of frames that answer a call, clear in those of the caller. */
export const ANSWER = 0x80

/** Bytes of a frame before its payload. */
export const HEADER_BYTES = 9

/** What is counted in `length` besides the payload. */
export const LENGTH_BASE = 5

/** The fixed part of the longest payload (OPEN's); it comes on top of the longest message. */
export const PREFIX_BYTES_MAX = 8

/** What a message costs besides its bytes, so that empty ones are not free. */
export const MESSAGE_OVERHEAD = 64

export function writeUint32 (bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** The number at `at`; whoever asks has checked that it is there. */
export function readUint32 (bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) >>> 0
}

/** One or two numbers before a payload, or as one. */
export function uint32s (...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  values.forEach((value, index) => writeUint32(bytes, index * 4, value))
  return bytes
}

/** HELLO's payload. */
export function helloPayload (payloadBytesMax: number): Uint8Array {
  const bytes = new Uint8Array(6)
  bytes[1] = VERSION
  writeUint32(bytes, 2, payloadBytesMax)
  return bytes
}
