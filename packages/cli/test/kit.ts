import type { ObjectInfo } from '@welkin/syscalls'
import type { NodeRow } from '../src/node/rows.ts'

const GIB = 2 ** 30

/** What of a row is to be other than usual. */
export interface RowChanges {
  node?: Partial<Omit<NodeRow['node'], 'load'>>
  load?: Partial<NodeRow['node']['load']>
  cost?: Partial<NodeRow['cost']>
}

/** An idle node of four CPUs, 10 ms away. */
export function nodeRow (name: string, { node, load, cost }: RowChanges = {}): NodeRow {
  return {
    node: {
      id: `id-${name}`, name, zone: 'acme/lyon/r1', addresses: [], version: '0.1.0', drivers: ['native'],
      machine: { hostname: name, os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 8 * GIB },
      state: 'up', ageMs: 1000, ...node,
      load: {
        objects: 0, objectsMax: 10, cpuPromised: 0, memoryPromisedBytes: 0, memoryFreeBytes: 6 * GIB, cpuBusyRatio: 0,
        ...load
      }
    },
    cost: { rttMs: 10, rttErrorMs: 1, load: 0.25, ageMs: 1000, ...cost }
  }
}

/** An object that runs on n1. */
export function objectInfo (id: string, changes: Partial<ObjectInfo> = {}): ObjectInfo {
  return {
    id, cp: 'cp', node: 'id-n1', nodeName: 'n1', zone: 'acme/lyon/r1', state: 'running', attempt: 0, spawnedAtMs: 0,
    outputs: [],
    spec: {
      program: { driver: 'native', argv: ['sleep', '60'], env: {}, input: false }, files: [], outputs: [], limits: {},
      restart: { policy: 'never', firstMs: 500, maxMs: 60_000 }
    },
    ...changes
  }
}
