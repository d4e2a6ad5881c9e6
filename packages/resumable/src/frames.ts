import { CloudError } from '@welkin/interface/errors'

/**
 * What the two ends say. `at`: how many bytes of that direction came before. HELLO begins each connection: how much has
 * come from the other end so far, and whether its end has; nothing else is sent before the other end's hello.
 */
export type Frame =
  | { kind: 'hello', at: number, ended: boolean }
  | { kind: 'data', at: number, bytes: Uint8Array }
  | { kind: 'acknowledged', at: number, ended: boolean }
  | { kind: 'end', at: number }

const KINDS = ['hello', 'data', 'acknowledged', 'end'] as const
const HEAD_BYTES = 10

/** u8 kind | u8 whether the end has come | f64 at | bytes */
export function encodeFrame (frame: Frame): Uint8Array {
  const body = frame.kind === 'data' ? frame.bytes : undefined
  const bytes = new Uint8Array(HEAD_BYTES + (body?.byteLength ?? 0))
  bytes[0] = KINDS.indexOf(frame.kind)
  bytes[1] = 'ended' in frame && frame.ended ? 1 : 0
  new DataView(bytes.buffer).setFloat64(2, frame.at)
  if (body !== undefined) bytes.set(body, HEAD_BYTES)
  return bytes
}

/** `bytes` of data are a view. Throws EPROTO. */
export function decodeFrame (bytes: Uint8Array): Frame {
  const kind = KINDS[bytes[0] ?? KINDS.length]
  if (kind === undefined || bytes.byteLength < HEAD_BYTES) throw broken('a frame cannot be read')
  const at = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(2)
  if (!Number.isSafeInteger(at) || at < 0) throw broken('a frame is nowhere')
  if (kind === 'data') return { kind, at, bytes: bytes.subarray(HEAD_BYTES) }
  if (kind === 'end') return { kind, at }
  return { kind, at, ended: bytes[1] === 1 }
}

export function broken (what: string): CloudError {
  return new CloudError('EPROTO', `The other end broke the protocol of resumable streams: ${what}.`)
}
