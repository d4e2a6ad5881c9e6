import { decode, encode } from '@welkin/abi'
import type { Keys, NodeId } from '@welkin/interface'
import { EPOCH_MS } from '@welkin/platform-virtual'

/** Vitals of a small node as they stand on the wire: up, no objects of a hundred, a GiB free. */
const VITALS = [0, 0, 100, 0, 0, 1024]

const HANDLE_BYTES = 6

const SIGNATURE_BYTES = 64

/** What a node has said of itself, as it stands on the wire. */
export interface SaidVitals { subject: number, incarnation: number, version: number, packed: unknown[] }

/** Undefined for statements of another kind. */
export function openVitals (wire: Uint8Array): SaidVitals | undefined {
  const [kind, subject, incarnation, version, ...packed] =
    decode(wire.subarray(SIGNATURE_BYTES)) as [string, number, number, number, ...unknown[]]
  return kind === 'wkv1' ? { subject, incarnation, version, packed } : undefined
}

/** Somebody who can say on the wire whatever nodes say, under the one name that its keys stand for. */
export class Voice {
  readonly id: NodeId
  readonly handle: number
  readonly #keys: Keys

  constructor (keys: Keys) {
    this.id = keys.self
    this.#keys = keys
    this.handle = handleOf(keys.self, keys)
  }

  facts ({ zone = 'sim/s1/r1', incarnation = EPOCH_MS, version = 0 } = {}): Uint8Array {
    const machine = { hostname: this.id, os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 2 ** 34 }
    const addresses = [`virtual:${this.id}`]
    return this.sign(['wkf1', incarnation, version, {
      id: this.id, name: this.id, zone, addresses, version: '0.1.0', machine, drivers: []
    }])
  }

  vitals (
    { subject = this.handle, incarnation = EPOCH_MS, version = 1, packed = VITALS as unknown[] } = {}
  ): Uint8Array {
    return this.sign(['wkv1', subject, incarnation, version, ...packed])
  }

  accusation (last: Uint8Array): Uint8Array {
    return this.sign(['wka1', this.handle, last])
  }

  summary (site: string, { speaker = this.id, incarnation = EPOCH_MS, sequence = 0, up = 1 } = {}): Uint8Array {
    const delegates = [[speaker, [`virtual:${speaker}`]]]
    return this.sign(['welkin/summary/1', speaker, incarnation, sequence, site, up, 0, {}, {}, null, delegates])
  }

  /** Whatever is given, with a signature of its own before it. */
  sign (body: unknown): Uint8Array {
    const bytes = encode(body)
    return new Uint8Array([...this.#keys.sign(bytes), ...bytes])
  }
}

function handleOf (id: NodeId, keys: Keys): number {
  const digest = keys.digest().update(new TextEncoder().encode(id)).done()
  return digest.subarray(0, HANDLE_BYTES).reduce((value, byte) => value * 256 + byte, 0)
}
