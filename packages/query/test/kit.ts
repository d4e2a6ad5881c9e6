import type { Condition, NodeQuery } from '@welkin/abi'
import type { Coordinate, Distance, NodeView } from '@welkin/interface'
import fc from 'fast-check'
import { ATTRIBUTES, HERE, type Place, type Surroundings } from '../src/index.ts'

export const GIB = 2 ** 30

/** An idle node with 4 CPUs, 8 GiB and room for 10 objects, but for what is given. */
export function nodeView (changes: Partial<NodeView> = {}): NodeView {
  return {
    id: 'n1',
    name: 'n1',
    zone: 'acme/lyon/r1',
    addresses: [],
    version: '0.1.0',
    machine: { hostname: 'host1', os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 8 * GIB },
    drivers: ['native'],
    load: { memoryFreeBytes: 8 * GIB, objects: 0, objectsMax: 10, cpuPromised: 0, memoryPromisedBytes: 0 },
    state: 'up',
    ageMs: 0,
    ...changes
  }
}

/** Where targets stand in a latency space of two dimensions. */
export const TARGETS: Readonly<Record<string, Coordinate>> = {
  [HERE]: { vector: [0, 0], heightMs: 1, error: 0.1 },
  node3: { vector: [40, 0], heightMs: 2, error: 0.1 },
  'acme/lyon': { vector: [0, 90], heightMs: 0, error: 0.1 }
}

export function distance (from: Coordinate, { coordinate }: Place): Distance | undefined {
  if (coordinate === undefined) return undefined
  const away = Math.hypot(...from.vector.map((part, at) => part - (coordinate.vector[at] ?? 0)))
  return { rttMs: away + from.heightMs + coordinate.heightMs, errorMs: 0, ageMs: 0 }
}

/** Knows distances by coordinates, and of transfers and starts what the node's name gives. */
export const SURROUNDINGS: Surroundings = {
  distanceFrom: target => {
    const from = TARGETS[target]
    return place => from === undefined ? undefined : distance(from, place)
  },
  bandwidthBytesPerSecond: ({ name }) => name === 'n1' ? undefined : 1000 * name.length,
  startDelayMs: ({ name }) => name === 'n2' ? undefined : 100 * name.length
}

const coordinate = fc.record({
  vector: fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 })),
  heightMs: fc.integer({ min: 0, max: 5 }),
  error: fc.constant(0.1)
})
const count = fc.integer({ min: 0, max: 8 })
const memory = count.map(amount => amount * GIB)
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const ratio = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 1)

const load = fc.record({
  cpuBusyRatio: ratio,
  memoryFreeBytes: memory,
  diskFreeBytes: memory,
  objects: count,
  objectsMax: count,
  cpuPromised: count,
  memoryPromisedBytes: memory,
  pressure: fc.record({ cpu: ratio, io: ratio }, { requiredKeys: [] })
}, { requiredKeys: ['memoryFreeBytes', 'objects', 'objectsMax', 'cpuPromised', 'memoryPromisedBytes'] })

/** Nodes that have little to choose from, so that queries often tell some apart, and many are equal. */
export const anyNode: fc.Arbitrary<NodeView> = fc.record({
  id: fc.integer({ min: 1, max: 60 }).map(n => `id${n}`),
  name: fc.constantFrom('n1', 'n2', 'n10', 'web.1', 'x y'),
  zone: fc.constantFrom('acme', 'acme/lyon', 'acme/lyon/r1', 'acme/lyon/r2', 'acme/paris/r1', 'acme/lyonnais'),
  addresses: fc.constant([]),
  version: fc.constantFrom('0.1.0', '0.2.0'),
  machine: fc.record({
    hostname: fc.constantFrom('host1', 'host2'),
    os: fc.constantFrom('linux', 'darwin'),
    arch: fc.constantFrom('x64', 'arm64'),
    cpuCount: count,
    memoryBytes: memory
  }),
  drivers: fc.subarray(['native', 'builtin', 'wasm']),
  load,
  coordinate: maybe(coordinate),
  price: maybe(fc.constantFrom(0, 0.5, 2, 7)),
  state: fc.constantFrom('up', 'up', 'up', 'down'),
  ageMs: fc.constantFrom(0, 20, 5000)
})

const NUMBERS = [...ATTRIBUTES].filter(([, { kind }]) => kind === 'number').map(([name]) => name)
const WORDS = [...ATTRIBUTES].filter(([, { kind }]) => kind === 'word').map(([name]) => name)

const amount = fc.oneof(
  count, ratio, memory, fc.constantFrom(20, 5000),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0) // no -0, which no text tells from 0
)
const plainWord = fc.constantFrom(
  'n1', 'n10', 'web.1', 'x y', 'acme/lyon', 'acme/lyon/r1', 'up', 'down', 'linux', 'x64', '0.1.0', 'native', 'wasm')
const word = fc.oneof({ weight: 4, arbitrary: plainWord }, fc.string({ maxLength: 12, unit: 'binary' }))
const pattern = fc.oneof(word, fc.constantFrom('n*', '*1', '?1', '*', 'ac*/r?', '*o*n*'))
const zone = fc.constantFrom('acme', 'acme/lyon', 'acme/lyon/r1', 'acme/paris', 'other')
const target = fc.constantFrom(...Object.keys(TARGETS), 'nowhere', 'and', 'a b')

const clause: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({
    kind: fc.constant('compare'),
    attribute: fc.constantFrom(...NUMBERS),
    operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
    value: amount
  }),
  fc.record({
    kind: fc.constant('compare'),
    attribute: fc.constantFrom(...WORDS),
    operator: fc.constantFrom('=', '!='),
    value: word
  }),
  fc.record({
    kind: fc.constant('compare'), attribute: fc.constantFrom(...WORDS), operator: fc.constant('~'), value: pattern
  }),
  fc.record({
    kind: fc.constant('in'),
    attribute: fc.constantFrom(...NUMBERS),
    values: fc.array(amount, { minLength: 1, maxLength: 4 })
  }),
  fc.record({
    kind: fc.constant('in'),
    attribute: fc.constantFrom(...WORDS.filter(name => name !== 'zone')),
    values: fc.array(word, { minLength: 1, maxLength: 4 })
  }),
  fc.record({ kind: fc.constant('has'), attribute: fc.constant('drivers'), word }),
  fc.record({ kind: fc.constant('zone'), zones: fc.array(zone, { minLength: 1, maxLength: 3 }) }),
  fc.record({
    kind: fc.constant('rtt'),
    target,
    operator: fc.constantFrom('<', '<=', '>', '>='),
    ms: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.double({ min: 0, max: 300, noNaN: true }).map(ms => ms + 0))
  })
)

export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>(tie => ({
  condition: fc.oneof({ maxDepth: 4, withCrossShrink: true },
    { weight: 3, arbitrary: clause },
    fc.record({
      kind: fc.constantFrom('all', 'any'), of: fc.array(tie('condition'), { minLength: 2, maxLength: 4 })
    }),
    fc.record({ kind: fc.constant('not'), of: tie('condition') }))
})).condition

const weight = fc.constantFrom(0, 0.5, 1, 20)
const order = fc.oneof(
  fc.record({
    by: fc.constant('cost' as const),
    weights: fc.record(
      { latency: weight, load: weight, price: weight, transfer: weight, start: weight }, { requiredKeys: ['load'] }),
    bytes: fc.constantFrom(0, 1000, 3 * GIB),
    near: fc.array(target, { minLength: 1, maxLength: 3 })
  }, { requiredKeys: ['by'] }),
  fc.record({ by: fc.constant('rtt' as const), target, descending: fc.boolean() }),
  fc.record({
    by: fc.constant('attribute' as const),
    attribute: fc.constantFrom(...NUMBERS, ...WORDS),
    descending: fc.boolean()
  })
)

export const anyQuery: fc.Arbitrary<NodeQuery> = fc.record({
  where: anyCondition,
  order,
  limit: fc.integer({ min: 1, max: 12 }),
  spread: fc.constantFrom('node', 'rack', 'site')
}, { requiredKeys: [] })
