import { CloudError } from '@welkin/interface'

const MEMORY_SECTION = 5
const HEAD_BYTES = 8
const HAS_MAX = 1
const MEMORY_64 = 4

/**
 * The module with a memory that never has more than so many pages of 64 KiB. Throws ENOEXEC for one that wants more to
 * begin with. The module has been validated.
 */
export function limitMemory (module: Uint8Array, pagesMax: number): Uint8Array {
  for (let at = HEAD_BYTES; at < module.length;) {
    const id = module[at]
    const size = readNumber(module, at + 1)
    if (id !== MEMORY_SECTION) {
      at = size.end + size.value
      continue
    }
    const section = limitSection(module.subarray(size.end, size.end + size.value), pagesMax)
    const rest = module.subarray(size.end + size.value)
    return join([module.subarray(0, at + 1), writeNumber(section.length), section, rest])
  }
  return module
}

function limitSection (section: Uint8Array, pagesMax: number): Uint8Array {
  const count = readNumber(section, 0)
  if (count.value !== 1) return section
  const flags = readNumber(section, count.end)
  if ((flags.value & ~HAS_MAX) !== 0) {
    const what = (flags.value & MEMORY_64) === 0 ? 'shared memory, which no task has' : 'a memory of 64 bits'
    throw new CloudError('ENOEXEC', `The module needs ${what}; build it without.`)
  }
  const initial = readNumber(section, flags.end)
  if (initial.value > pagesMax) {
    throw new CloudError('ENOEXEC',
      `The module begins with ${initial.value * 64} KiB of memory, and is allowed ${pagesMax * 64} KiB.`)
  }
  const own = (flags.value & HAS_MAX) === 0 ? undefined : readNumber(section, initial.end).value
  return join([
    Uint8Array.of(1, HAS_MAX), writeNumber(initial.value), writeNumber(Math.min(own ?? pagesMax, pagesMax))
  ])
}

function readNumber (bytes: Uint8Array, from: number): { value: number, end: number } {
  let value = 0
  let at = from
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return { value, end: at }
  }
}

function writeNumber (value: number): Uint8Array {
  const bytes: number[] = []
  let left = value
  do {
    bytes.push(left % 128 + (left >= 128 ? 128 : 0))
    left = Math.floor(left / 128)
  } while (left > 0)
  return Uint8Array.from(bytes)
}

function join (parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
