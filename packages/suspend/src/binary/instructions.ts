import { Unsupported } from '../unsupported.ts'
import {
  ADDRESS_AND_BYTE, EIGHT_BYTES, FOUR_BYTES, IMMEDIATES, NUMBER, ONE_BYTE, PLAIN, SIXTEEN_BYTES, TWO_NUMBERS
} from './opcodes.ts'
import type { Reader } from './reader.ts'

/** The opcode that comes next, both of its bytes if it has two; throws Unsupported for one that is not known here. */
export function readOpcode (reader: Reader): number {
  const byte = reader.byte()
  if (byte !== 0xfc && byte !== 0xfd) {
    if (IMMEDIATES[byte] === 0) throw unsupported(byte)
    return byte
  }
  const second = reader.u32()
  const code = byte * 256 + second
  if (second > 0xff || IMMEDIATES[code] === 0) {
    throw new Unsupported(`it uses instruction 0x${byte.toString(16)} ${second}, which is not known`)
  }
  return code
}

/** Passes over what follows an opcode that has no meaning of its own for the transform. */
export function passImmediates (code: number, reader: Reader): void {
  switch (IMMEDIATES[code]) {
    case PLAIN: return
    case NUMBER: reader.skipNumber(); return
    case TWO_NUMBERS: reader.skipNumber(); reader.skipNumber(); return
    case FOUR_BYTES: reader.at += 4; return
    case EIGHT_BYTES: reader.at += 8; return
    case SIXTEEN_BYTES: reader.at += 16; return
    case ONE_BYTE: reader.at += 1; return
    case ADDRESS_AND_BYTE: reader.skipNumber(); reader.skipNumber(); reader.at += 1; return
    default: throw unsupported(code)
  }
}

function unsupported (byte: number): Unsupported {
  if ((byte >= 0x06 && byte <= 0x0a) || byte === 0x18 || byte === 0x19 || byte === 0x1f) {
    return new Unsupported('it uses exceptions')
  }
  if (byte >= 0x12 && byte <= 0x15) return new Unsupported('it uses tail calls')
  if (byte === 0xfe) return new Unsupported('it uses threads')
  if (byte === 0xfb) return new Unsupported('it uses objects that the engine collects')
  return new Unsupported(`it uses instruction 0x${byte.toString(16)}, which is not known`)
}
