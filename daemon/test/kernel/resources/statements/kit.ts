import type { Keys, NodeId } from '@welkin/interface'
import { createNodeKeys } from '@welkin/platform-node'
import { handleOf, type Handle } from '../../../../src/kernel/resources/statements/handle.ts'
import type { Stamp } from '../../../../src/kernel/resources/statements/stamp.ts'
import {
  sealAccusation, sealFacts, sealVitals, type Accusation, type FactsStatement, type NodeFacts, type VitalsStatement
} from '../../../../src/kernel/resources/statements/statement.ts'
import type { Vitals } from '../../../../src/kernel/resources/statements/vitals.ts'

const GIBIBYTE = 2 ** 30

/** A node that can say everything that nodes say. */
export interface Speaker {
  id: NodeId
  handle: Handle
  keys: Keys
  facts: (stamp?: Partial<Stamp>, more?: Partial<NodeFacts>) => FactsStatement
  vitals: (stamp?: Partial<Stamp>, more?: Partial<Vitals>) => VitalsStatement
  accuse: (last: VitalsStatement) => Accusation
}

export function vitalsOf (more: Partial<Vitals> = {}): Vitals {
  const promises = { objects: 1, objectsMax: 100, cpuPromised: 0.5, memoryPromisedBytes: GIBIBYTE }
  return { load: { ...promises, memoryFreeBytes: GIBIBYTE }, leaving: false, ...more }
}

/** The Ed25519 keys that follow from a name. */
export function keysOf (name: string): Keys {
  return createNodeKeys(new TextEncoder().encode(name.padEnd(32)).subarray(0, 32))
}

export function createSpeaker (name: string, zone = 'acme/lyon/r7'): Speaker {
  const keys = keysOf(name)
  const id = keys.self
  const handle = handleOf(id, keys)
  const stampOf = (stamp: Partial<Stamp> = {}): Stamp => ({ incarnation: 1, version: 0, ...stamp })
  const machine = { hostname: name, os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 16 * GIBIBYTE }
  const facts = { id, name, zone, addresses: [`test:${name}`], version: '1.0', machine, drivers: ['native'] }
  return {
    id, handle, keys,
    facts: (stamp, more = {}) => sealFacts({ ...facts, ...more }, stampOf(stamp), keys),
    vitals: (stamp, more = {}) => sealVitals(vitalsOf(more), handle, stampOf(stamp), keys),
    accuse: last => sealAccusation(last, handle, keys)
  }
}
