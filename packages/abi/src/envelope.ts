import { CloudError } from '@welkin/interface'
import { Packr, type Options } from 'msgpackr'

/** One system call on its way. */
export interface Call {
  name: string
  args: unknown
  /** 32 hexadecimal digits. */
  requestId: string
  /** The node that shall answer. */
  node?: string | undefined
  /** How often it was forwarded. */
  hops: number
  /** Who asks, as proved: a chain of delegations. Empty: whoever the way in says. */
  chain: readonly Uint8Array[]
}

const REQUEST_ID = /^[0-9a-f]{32}$/
const packr = new Packr({ useRecords: false, mapsAsObjects: true, skipValues: [undefined] } as Options)

/** A value as msgpack. What is undefined in an object is left out. */
export function encode (value: unknown): Uint8Array {
  return packr.pack(value)
}

/** Rejects EPROTO for anything that is not one msgpack value. */
export function decode (bytes: Uint8Array): unknown {
  try {
    return packr.unpack(bytes)
  } catch (error) {
    throw new CloudError(
      'EPROTO', 'A message is not one msgpack value; check that both ends speak the same protocol.', { cause: error }
    )
  }
}

export function encodeCall ({ name, args, requestId, node, hops, chain }: Call): Uint8Array {
  return encode([name, args, requestId, node ?? null, hops, chain])
}

/** Rejects EPROTO for what is not a call; says nothing about the name or the arguments. */
export function decodeCall (bytes: Uint8Array): Call {
  const parts = decode(bytes)
  if (!Array.isArray(parts) || parts.length !== 6) throw notACall('it is not a list of six')
  const [name, args, requestId, node, hops, chain] = parts as unknown[]
  if (typeof name !== 'string') throw notACall('the name is not text')
  if (typeof requestId !== 'string' || !REQUEST_ID.test(requestId)) {
    throw notACall('the request id is not 32 hexadecimal digits')
  }
  if (node !== null && typeof node !== 'string') throw notACall('the node is neither text nor nil')
  if (typeof hops !== 'number' || !Number.isInteger(hops) || hops < 0) throw notACall('hops is not a whole number')
  if (!Array.isArray(chain) || !chain.every(link => link instanceof Uint8Array)) {
    throw notACall('the chain is not a list of bytes')
  }
  return { name, args, requestId, node: node ?? undefined, hops, chain }
}

function notACall (why: string): CloudError {
  return new CloudError('EPROTO', `A message is not a system call: ${why}.`)
}
