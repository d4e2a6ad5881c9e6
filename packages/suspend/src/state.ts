import { CloudError } from '@welkin/interface/errors'
import type { Value } from './engine.ts'

/** A call of an import that asked for suspension; it has had no effect yet, and is made again on resumption. */
export interface PendingCall { readonly module: string, readonly name: string, readonly args: readonly Value[] }

/** What there is of a suspended guest besides its memory: plain data, the same on every machine. */
export interface GuestState {
  /** Of the module that it belongs to. */
  readonly fingerprint: string
  /** The export that was called. */
  readonly entry: string
  readonly pending: PendingCall | undefined
  /** Frames, the outermost first: words, their count, site, continuation. */
  readonly frames: Int32Array
  /** Mutable globals as words, and which segments were dropped. */
  readonly variables: Int32Array
  /** Tables that can change: for each entry the function's number, -1 for none. */
  readonly tables: readonly Int32Array[]
  readonly memoryPages: number
  /** See `Guest.fuelUsed`. */
  readonly fuelUsed: number
  readonly fuelLeft: number
}

export interface Frame { readonly words: number[], readonly site: number, readonly continuation: number }

export function packFrames (frames: readonly Frame[]): Int32Array {
  return Int32Array.from(frames.flatMap(({ words, site, continuation }) => {
    return [...words, words.length, site, continuation]
  }))
}

/** Throws EINVAL for what was never packed. */
export function unpackFrames (packed: Int32Array): Frame[] {
  const frames: Frame[] = []
  for (let end = packed.length; end > 0;) {
    const [count = -1, site = 0, continuation = 0] = packed.subarray(Math.max(0, end - 3), end)
    if (count < 0 || end - 3 - count < 0) throw damaged()
    frames.push({ words: [...packed.subarray(end - 3 - count, end - 3)], site, continuation })
    end -= 3 + count
  }
  return frames.toReversed()
}

/** For a state that no guest can have had. */
export function damaged (cause?: unknown): CloudError {
  return new CloudError('EINVAL', 'The state of the guest is damaged; take it from the guest once more.', { cause })
}
