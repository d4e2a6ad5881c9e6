import type { Coordinate, Distance, NodeView } from '@welkin/interface'
import type { Place, Surroundings } from '@welkin/query'

const GIB = 2 ** 30

/** How far the latency space reaches in each of its dimensions. */
const SPANS_MS = [200, 200, 20, 10, 5, 2]

/** The same `count` nodes in every run, each different, in sites of 200 and racks of 20. */
export function makeNodes (count: number): NodeView[] {
  const draw = drawer(1)
  return Array.from({ length: count }, (_, at): NodeView => {
    const cpuCount = 2 ** Math.floor(draw() * 7)
    const memoryBytes = cpuCount * 4 * GIB
    return {
      id: `n${at}`,
      name: `n${at}`,
      zone: `acme/s${Math.floor(at / 200)}/r${Math.floor(at / 20)}`,
      addresses: [],
      version: '0.1.0',
      machine: { hostname: `host${at}`, os: 'linux', arch: draw() < 0.7 ? 'x64' : 'arm64', cpuCount, memoryBytes },
      drivers: ['native', 'builtin'],
      load: {
        cpuBusyRatio: draw(),
        memoryFreeBytes: draw() * memoryBytes,
        diskFreeBytes: draw() * 1000 * GIB,
        objects: Math.floor(draw() * 100),
        objectsMax: 1000,
        cpuPromised: draw() * cpuCount,
        memoryPromisedBytes: draw() * memoryBytes
      },
      coordinate: { vector: SPANS_MS.map(spanMs => draw() * spanMs), heightMs: draw() * 5, error: draw() * 0.3 },
      price: draw(),
      state: 'up',
      ageMs: draw() * 2000
    }
  })
}

/** Distances in a latency space, from one place for all targets. */
export const SURROUNDINGS: Surroundings = {
  distanceFrom: () => {
    const from: Coordinate = { vector: SPANS_MS.map(spanMs => spanMs / 2), heightMs: 1, error: 0.1 }
    return ({ coordinate }: Place) => coordinate === undefined ? undefined : distance(from, coordinate)
  }
}

function distance (one: Coordinate, other: Coordinate): Distance {
  let square = 0
  for (let at = 0; at < one.vector.length; at++) square += ((one.vector[at] ?? 0) - (other.vector[at] ?? 0)) ** 2
  const rttMs = Math.sqrt(square) + one.heightMs + other.heightMs
  return { rttMs, errorMs: rttMs * Math.max(one.error, other.error), ageMs: 0 }
}

/** A linear congruential generator (Numerical Recipes); uniform in [0, 1). */
function drawer (seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
