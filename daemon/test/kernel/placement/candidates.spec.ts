import { expect } from 'chai'
import type { NodeQuery } from '@welkin/abi'
import type { NodeView } from '@welkin/interface'
import { candidatesOf, type CandidateContext } from '../../../src/kernel/placement/candidates.ts'

const GIBIBYTE = 2 ** 30

const node = (id: string, load: Partial<NodeView['load']> = {}, zone = 'acme/lyon/r1'): NodeView => ({
  id, name: id, zone, addresses: [], version: '1', drivers: ['native'], state: 'up', ageMs: 0,
  machine: { hostname: id, os: 'linux', arch: 'x64', cpuCount: 4, memoryBytes: 8 * GIBIBYTE },
  load: {
    memoryFreeBytes: 8 * GIBIBYTE, objects: 0, objectsMax: 100, cpuPromised: 0, memoryPromisedBytes: 0, ...load
  }
})

const context = (more: Partial<CandidateContext> & { query?: NodeQuery } = {}): CandidateContext => ({
  query: {}, spec: { limits: {} }, count: 1, recent: () => 0, refusedRoom: () => undefined, hopeful: false, ...more
})

const roomOn = (load: Partial<NodeView['load']>, more?: Parameters<typeof context>[0]): number | undefined =>
  candidatesOf([{ node: node('a', load), cost: undefined }], context(more))[0]?.room

describe('the room on a node', () => {
  it('is what is scarcest of places, CPUs and memory that are not promised', () => {
    expect(roomOn({ objects: 40 })).to.equal(60)
    expect(roomOn({ cpuPromised: 1 }, { spec: { limits: { cpu: 0.5 } } })).to.equal(6)
    expect(roomOn({ memoryPromisedBytes: GIBIBYTE }, { spec: { limits: { cpu: 0.1, memoryBytes: 2 * GIBIBYTE } } }))
      .to.equal(3)
  })

  it('counts tenths of CPUs without rounding one away', () => {
    expect(roomOn({ cpuPromised: 0.3 + 0.6 }, { spec: { limits: { cpu: 3.1 } } })).to.equal(1)
  })

  it('is less by what was placed there since it spoke', () => {
    expect(roomOn({ objects: 40 }, { recent: () => 10 })).to.equal(50)
  })

  it('is what it said when it refused, and without bounds where there is hope', () => {
    expect(roomOn({}, { refusedRoom: () => 3, hopeful: true })).to.equal(3)
    expect(roomOn({ objects: 100 }, { hopeful: true })).to.equal(Number.POSITIVE_INFINITY)
  })
})

describe('what it costs to give a node one more', () => {
  it('grows with its objects where no order was asked for', () => {
    const [one] = candidatesOf([{ node: node('a', { objects: 2 }), cost: undefined }], context({ recent: () => 1 }))
    expect([0, 1].map(given => one?.costWith(given))).to.deep.equal([0.75, 1])
  })

  it('is least among the first few where there are many, so that not all who place at a time choose the same', () => {
    const nodes = Array.from({ length: 40 }, (_, at) => node(`n${at}`, { objects: 40 - at }))
    const found = nodes.map(each => ({ node: each, cost: undefined }))
    const best = (more: Partial<CandidateContext>): string | undefined =>
      candidatesOf(found, context(more)).toSorted((a, b) => a.costWith(0) - b.costWith(0))[0]?.id
    expect(best({})).to.equal('n7')
    expect(best({ count: 3 })).to.equal('n23')
    expect(best({ hopeful: true })).to.equal('n39')
  })

  it('is its rank where nodes are ordered by what does not change', () => {
    const query: NodeQuery = { order: { by: 'rtt', target: 'x', descending: false } }
    const found = ['a', 'b'].map(id => ({ node: node(id), cost: undefined }))
    expect(candidatesOf(found, context({ query })).map(one => [one.costWith(0), one.costWith(5)]))
      .to.deep.equal([[0, 0], [1, 1]])
  })

  it('grows by as much as its load weighs where nodes are ordered by cost', () => {
    const query: NodeQuery = { order: { by: 'cost', weights: { latency: 1, load: 2 } } }
    const [one] = candidatesOf([{ node: node('a'), cost: 0.5 }], context({ query, spec: { limits: { cpu: 1 } } }))
    expect([0, 1, 2].map(given => one?.costWith(given))).to.deep.equal([0.5, 1, 1.5])
    const careless = { order: { by: 'cost' as const, weights: { latency: 1 } } }
    const heedless = context({ query: careless, spec: { limits: { cpu: 1 } } })
    const [other] = candidatesOf([{ node: node('a'), cost: 0.5 }], heedless)
    expect(other?.costWith(3)).to.equal(0.5)
  })
})

describe('the group of a node', () => {
  it('is its rack, its site or itself, as objects are to be spread', () => {
    const found = [{ node: node('a', {}, 'acme/lyon/r7'), cost: undefined }]
    const groups = ([undefined, 'rack', 'site', 'node'] as const).map(spread =>
      candidatesOf(found, context({ query: spread === undefined ? {} : { spread } }))[0]?.group)
    expect(groups).to.deep.equal(['', 'acme/lyon/r7', 'acme/lyon', 'a'])
  })
})
