import type { GuestState } from '@welkin/suspend'
import type { SavedProgram } from '../wasi/saved-state.ts'

/** A guest's state but for its numbers, which lie in the binary part. */
export interface SavedGuest {
  fingerprint: string
  entry: string
  /** Numbers as text, where they are of 64 bits with an n. */
  pending: { module: string, name: string, args: string[] } | null
  memoryPages: number
  fuelUsed: number
  fuelLeft: number
}

/** The part of a state that is neither memory nor whole pages of files. */
export interface Body {
  readonly program: SavedProgram
  readonly guest: SavedGuest
  /** In order: frames, variables, input, reply, what is said in conversations, then tables and the tails of files. */
  readonly parts: readonly Uint8Array[]
  readonly tables: number
}

interface Written { program: SavedProgram, guest: SavedGuest, tables: number, lengths: number[] }

/** The part that is the first of the tables; the tails of files follow them. */
export const FIRST_TABLE = 5
const HEAD_BYTES = 4

export function writeBody ({ program, guest, parts, tables }: Body): Uint8Array {
  const written: Written = { program, guest, tables, lengths: parts.map(({ length }) => length) }
  const json = new TextEncoder().encode(JSON.stringify(written))
  const whole = new Uint8Array(HEAD_BYTES + json.length + parts.reduce((sum, { length }) => sum + length, 0))
  new DataView(whole.buffer).setUint32(0, json.length, true)
  whole.set(json, HEAD_BYTES)
  let at = HEAD_BYTES + json.length
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** As it stands there; what it says is to be checked by its schema. Throws RangeError, SyntaxError. */
export function readBody (bytes: Uint8Array): { written: unknown, partsFrom: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const partsFrom = HEAD_BYTES + view.getUint32(0, true)
  if (partsFrom > bytes.length) throw new RangeError('it is cut')
  const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEAD_BYTES, partsFrom))
  return { written: JSON.parse(json), partsFrom }
}

/** Throws RangeError where they are not all there, and nothing more. */
export function readParts (bytes: Uint8Array, from: number, lengths: readonly number[]): Uint8Array[] {
  let at = from
  const parts = lengths.map(length => bytes.slice(at, at += length))
  if (at !== bytes.length) throw new RangeError('it is cut')
  return parts
}

export function saveGuest (state: GuestState): SavedGuest {
  const { fingerprint, entry, pending, memoryPages, fuelUsed, fuelLeft } = state
  return {
    fingerprint, entry, memoryPages, fuelUsed, fuelLeft,
    pending: pending === undefined
      ? null
      : { ...pending, args: pending.args.map(arg => typeof arg === 'bigint' ? `${arg}n` : `${arg}`) }
  }
}

/** Throws RangeError, SyntaxError for what no guest can have been. */
export function restoreGuest (
  { pending, ...rest }: SavedGuest, parts: readonly Uint8Array[], tables: number
): GuestState {
  const [frames, variables] = parts.slice(0, 2).map(wordsOf) as [Int32Array, Int32Array]
  checkFrames(frames)
  return {
    ...rest, frames, variables, tables: parts.slice(FIRST_TABLE, FIRST_TABLE + tables).map(wordsOf),
    pending: pending === null
      ? undefined
      : { ...pending, args: pending.args.map(arg => arg.endsWith('n') ? BigInt(arg.slice(0, -1)) : Number(arg)) }
  }
}

export function bytesOf (words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

function wordsOf (bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.slice().buffer)
}

/** Each frame ends with its length, its site and its continuation. */
function checkFrames (frames: Int32Array): void {
  let end = frames.length
  while (end > 0) {
    const count = frames[end - 3] ?? -1
    if (count < 0) throw new RangeError('a frame is cut')
    end -= 3 + count
  }
  if (end !== 0) throw new RangeError('a frame is cut')
}
