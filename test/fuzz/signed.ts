import { toHex, type Keys } from '@welkin/interface'
import { createNodeKeys } from '@welkin/platform-node'

export const NOW_MS = Date.UTC(2026, 5)
export const FOREVER_MS = 1e15

/** The Ed25519 keys that follow from a name. */
export function keysOf (name: string): Keys {
  return createNodeKeys(new TextEncoder().encode(name.padEnd(32)).subarray(0, 32))
}

export const [ROOT, ALICE, BOB] = [keysOf('root'), keysOf('alice'), keysOf('bob')] as const

/** All that was signed, to know what was not. */
export class Signed {
  readonly #wires = new Set<string>()

  add (wires: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const wire of wires) this.#wires.add(toHex(wire))
    return wires
  }

  has (wire: Uint8Array): boolean {
    return this.#wires.has(toHex(wire))
  }
}
