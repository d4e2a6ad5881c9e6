import { CloudError } from '@welkin/interface'

/** What one connection may take of this end's memory. */
export interface WireLimits {
  /**
   * Bytes of one message; the two ends agree on the lower of theirs when they say hello. A longer one is refused with
   * E2BIG where it would be sent; whoever sends it all the same loses the connection.
   */
  payloadBytesMax: number
  /** Requests that wait for their answer, each way: past it own ones queue, and the other end's get EAGAIN. */
  requestsMax: number
  /** Bytes of requests that are being answered at a time; the other end's get EAGAIN past it. */
  requestBytesMax: number
  /** Open channels, each way; EAGAIN past it. */
  channelsMax: number
  /**
   * Bytes that the other end may send on one channel before the reader here has taken any. More fills longer and
   * fatter lines (a window per round trip is the most that a channel carries) at the expense of memory.
   */
  windowBytes: number
  /**
   * Bytes that wait to be sent because the other end does not read; past it the connection ends. One message and a
   * quarter of a mebibyte may wait without any fault, so it has to be more than that.
   */
  backlogBytesMax: number
}

const MEBIBYTE = 1024 * 1024

const WIRE_LIMITS: Readonly<WireLimits> = {
  payloadBytesMax: 4 * MEBIBYTE,
  requestsMax: 1024,
  requestBytesMax: 64 * MEBIBYTE,
  channelsMax: 1024,
  windowBytes: 2 * MEBIBYTE,
  backlogBytesMax: 16 * MEBIBYTE
}

/** The defaults, and `given` over them. Throws EINVAL for what is not a whole number above 0 and below 2^32. */
export function resolveLimits (given: Partial<WireLimits> = {}): WireLimits {
  const limits = { ...WIRE_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isInteger(value) && value > 0 && value < 2 ** 32) continue
    throw new CloudError('EINVAL', `The limit ${name} is ${value}; give a whole number above 0 and below 2^32.`)
  }
  return limits
}
