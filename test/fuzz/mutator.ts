import { decode, encode } from '@welkin/abi'
import { isCloudError } from '@welkin/interface'

/** Numbers in [0, 1) that follow from a seed. */
export class Chance {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  /** Mulberry32. */
  unit (): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below (count: number): number {
    return Math.floor(this.unit() * count)
  }

  one<T> (of: readonly T[]): T {
    return of[this.below(of.length)] as T
  }
}

/** What programs stumble over. */
const STRANGE: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e308, Number.NaN, Infinity, -Infinity, 0.1,
  '', '*', 'own', '__proto__', 'constructor', '\u0000', '\ud800', 'x'.repeat(300), new Uint8Array(), new Uint8Array(8),
  new Uint8Array(32), new Uint8Array(64), [], [[]], {}, { can: ['*'] }, { length: 5 }, [null],
  10n ** 15n, new Date(0)
]

/** Bytes that mean something in msgpack: nil, unused, lists and maps that claim much, extensions, long texts. */
const TELLING = [
  0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcf, 0xd3, 0xd4, 0xd8, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0x7f,
  0x80, 0x90, 0x9f, 0xff
]

/** Some of its bytes changed, cut out, doubled, or those of another put in. */
export function mutateBytes (bytes: Uint8Array, chance: Chance, others: readonly Uint8Array[]): Uint8Array {
  const out = [...bytes]
  for (let round = chance.below(4); round >= 0; round--) {
    const at = chance.below(out.length + 1)
    const length = chance.below(Math.min(32, out.length - at) + 1)
    const kind = chance.below(8)
    if (kind < 2 && at < out.length) out[at] = (out[at] as number) ^ (1 << chance.below(8))
    else if (kind === 2 && at < out.length) out[at] = chance.one(TELLING)
    else if (kind === 3) out.splice(at, length)
    else if (kind === 4) out.splice(at, 0, ...out.slice(at, at + length))
    else if (kind === 5) out.length = at
    else if (kind === 6) out.splice(at, 0, ...Array.from({ length }, () => chance.below(256)))
    else {
      const other = chance.one(others)
      const from = chance.below(other.length)
      out.splice(at, length, ...other.subarray(from, from + 64))
    }
  }
  return Uint8Array.from(out)
}

/** The same for a value: some part of it made strange, left out, doubled, exchanged, or taken from another. */
export function mutateValue (value: unknown, chance: Chance, others: readonly unknown[]): unknown {
  if (chance.below(6) === 0) return chance.below(3) === 0 ? chance.one(others) : chance.one(STRANGE)
  if (value instanceof Uint8Array) {
    return chance.below(3) === 0 ? nested(value, chance, others) : mutateBytes(value, chance, [value])
  }
  if (Array.isArray(value)) return mutateList(value, chance, others)
  if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(`${value}*`)
    return new TextDecoder().decode(mutateBytes(bytes.subarray(0, -1), chance, [bytes]))
  }
  if (typeof value === 'number') return chance.one([value + 1, value - 1, -value, value * 2, value / 2, value + 0.5])
  if (typeof value !== 'object' || value === null) return chance.one(STRANGE)
  const entries = Object.entries(value)
  const changed = mutateList(entries.map(([, inner]) => inner), chance, others)
  const names = [...entries.map(([name]) => name), 'strange', '__proto__', '1']
  return Object.fromEntries(changed.map((inner, at) => [names[at % names.length], inner]))
}

function mutateList (list: readonly unknown[], chance: Chance, others: readonly unknown[]): unknown[] {
  const out = [...list]
  const at = chance.below(out.length)
  const kind = chance.below(8)
  if (kind === 0) out.splice(at, 1)
  else if (kind === 1) out.splice(at, 0, out[at])
  else if (kind === 2) out.reverse()
  else if (kind === 3) out.splice(at, 0, chance.one(others))
  else if (out.length > 0) out[at] = mutateValue(out[at], chance, others)
  return out
}

/** What is signed within, with the signature before it as it was. */
function nested (wire: Uint8Array, chance: Chance, others: readonly unknown[]): Uint8Array {
  const inner = valueIn(wire.subarray(64))
  return inner === undefined ? mutateBytes(wire, chance, [wire]) : joined(wire, mutateValue(inner, chance, others))
}

function joined (wire: Uint8Array, value: unknown): Uint8Array {
  return Uint8Array.from([...wire.subarray(0, 64), ...packed(value)])
}

/** One of these messages of msgpack as nobody has sent it; `signed`: each begins with a signature. */
export function mutateMessage (
  messages: readonly Uint8Array[], chance: Chance, { signed }: { signed: boolean }
): Uint8Array {
  const message = chance.one(messages)
  const body = chance.below(2) === 0 ? undefined : valueIn(signed ? message.subarray(64) : message)
  if (body === undefined) return mutateBytes(message, chance, messages)
  const other = valueIn(signed ? chance.one(messages).subarray(64) : chance.one(messages))
  const changed = mutateValue(body, chance, [other])
  return signed ? joined(message, changed) : packed(changed)
}

function packed (value: unknown): Uint8Array {
  return new Uint8Array(encode(value))
}

function valueIn (bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    if (!isCloudError(error)) throw error
    return undefined
  }
}
