import { expect } from 'chai'
import fc from 'fast-check'
import type { NodeQuery } from '@welkin/abi'
import type { NodeView, SiteSummary } from '@welkin/interface'
import { expectedMatches, mayMatch, parseQuery, summarise } from '../src/index.ts'
import { meets } from './brute-force.ts'
import { anyNode, anyQuery, distance, nodeView, SURROUNDINGS } from './kit.ts'

function summaryOf (nodes: readonly NodeView[], site = 'acme/lyon'): SiteSummary {
  const coordinates = nodes.flatMap(({ coordinate }) => coordinate ?? [])
  const [centre] = coordinates
  const radiusMs = Math.max(...coordinates.map(coordinate => distance(coordinate, { coordinate: centre })?.rttMs ?? 0))
  return {
    site,
    ...summarise(nodes),
    centre: centre === undefined ? undefined : { coordinate: centre, radiusMs },
    delegates: [],
    ageMs: 0
  }
}

const anySite = fc.array(
  fc.tuple(anyNode, fc.constantFrom('acme/lyon', 'acme/lyon/r1', 'acme/lyon/r2'))
    .map(([node, zone]): NodeView => ({ ...node, zone })),
  { minLength: 1, maxLength: 6 })

const mayBe = (text: string, nodes: readonly NodeView[]): boolean =>
  mayMatch(parseQuery(text), summaryOf(nodes), SURROUNDINGS)

const forecast = (text: string, nodes: readonly NodeView[]): number =>
  expectedMatches(parseQuery(text), summaryOf(nodes), SURROUNDINGS)

describe('mayMatch', () => {
  it('never denies a site in which a node matches', () => {
    fc.assert(fc.property(anySite, anyQuery, (nodes, query) => {
      fc.pre(nodes.some(node => meets(node, query.where)))
      expect(mayMatch(query, summaryOf(nodes), SURROUNDINGS)).to.equal(true)
    }), { numRuns: 3000 })
  })

  it('never denies a site for what an older or newer node leaves out of its summary', () => {
    fc.assert(fc.property(anySite, anyQuery, fc.boolean(), (nodes, query, hasWords) => {
      fc.pre(nodes.some(node => meets(node, query.where)))
      const { numbers, words, ...summary } = summaryOf(nodes)
      const partly = { ...summary, numbers: hasWords ? {} : numbers, words: hasWords ? words : {}, centre: undefined }
      expect(mayMatch(query, partly, SURROUNDINGS)).to.equal(true)
    }), { numRuns: 1000 })
  })

  const lyon = [
    nodeView({ price: 1, coordinate: { vector: [40, 3], heightMs: 0, error: 0.1 } }),
    nodeView({ price: 3, coordinate: { vector: [40, -3], heightMs: 0, error: 0.1 }, drivers: ['native', 'wasm'] })
  ]
  for (const text of [
    'cpu.free > 4', 'cpu.count != 4', 'price < 1', 'price >= 3.5', 'price = 8', 'price in (0, 9)', 'arch = arm64',
    'arch != x64', 'arch in (arm64, riscv64)', 'not arch = x64', 'name ~ "m*"', 'drivers has container',
    'zone in acme/paris', 'not zone in acme', 'zone in acme/lyon/r2', 'rtt(here) < 30ms', 'rtt(node3) > 20ms',
    'cpu.free > 4 or arch = arm64', 'cpu.free >= 2 and arch = arm64', 'not (arch = x64 or price > 1)', 'state = down',
    'site = acme/paris'
  ]) {
    it(`denies a site in which nobody can meet: ${text}`, () => {
      expect(mayBe(text, lyon)).to.equal(false)
    })
  }

  for (const text of [
    '', 'cpu.free > 3', 'price < 2', 'not price < 2', 'price = 2', 'drivers has wasm', 'not drivers has native',
    'age > 9s', 'zone in acme', 'zone in acme/lyon/r1', 'rtt(here) < 40ms', 'rtt(nowhere) < 1ms',
    'not rtt(node3) < 50ms', 'rack = x or id = n1'
  ]) {
    it(`asks a site in which somebody may meet: ${text === '' ? 'nothing' : text}`, () => {
      expect(mayBe(text, lyon)).to.equal(true)
    })
  }

  it('knows of nodes that are down only where they are', () => {
    const down = [nodeView({ state: 'down' })]
    expect(mayBe('cpu.free > 100 and arch = arm64', down)).to.equal(true)
    expect(mayBe('state = up', down)).to.equal(false)
    expect(mayBe('zone in acme/paris', down)).to.equal(false)
  })

  it('never asks an empty site', () => {
    expect(mayBe('', [])).to.equal(false)
  })
})

describe('expectedMatches', () => {
  const nodes = [1, 2, 2, 4, 8, 8, 16, 64].map((cpuCount, at) =>
    nodeView({ machine: { ...nodeView().machine, cpuCount, arch: at % 2 === 0 ? 'x64' : 'arm64' } }))

  for (const [text, least, most] of [
    ['', 8, 8], ['cpu.count >= 1', 8, 8], ['cpu.count > 64', 0, 0], ['cpu.count >= 8', 3.5, 4.5],
    ['cpu.count < 4', 2.5, 3.5], ['arch = x64', 4, 4], ['cpu.count >= 8 and arch = x64', 1.5, 2.5],
    ['not cpu.count >= 8', 3.5, 4.5]
  ] as const) {
    it(`forecasts ${least} to ${most} of 8 for: ${text === '' ? 'nothing' : text}`, () => {
      expect(forecast(text, nodes)).to.be.within(least, most)
    })
  }
})

describe('summarise', () => {
  it('counts nodes by state and describes those that are up', () => {
    const { up, down, numbers, words } = summarise([
      nodeView({ price: 0.5 }), nodeView({ price: 3, drivers: ['wasm'] }), nodeView({ state: 'down', price: 99 })
    ])
    expect({ up, down }).to.deep.equal({ up: 2, down: 1 })
    expect(numbers['price']).to.deep.equal({ min: 0.5, max: 3, sum: 3.5, histogram: [1, 0, 1] })
    expect(words['drivers']).to.deep.equal(['native', 'wasm'])
  })

  it('leaves out what is not told, what is told too variously, a word that some lack, and what passes', () => {
    const nodes = Array.from({ length: 33 }, (_, at) => {
      return nodeView({ name: `n${at}`, zone: at === 0 ? 'acme/lyon' : 'acme/lyon/r1' })
    })
    const { numbers, words } = summarise(nodes)
    expect(numbers).not.to.have.any.keys('price', 'age', 'cpu.busy')
    expect(words).not.to.have.any.keys('name', 'rack')
    expect(words['zone']).to.deep.equal(['acme/lyon', 'acme/lyon/r1'])
    expect(summarise(nodes.slice(1)).words['name']).to.have.lengthOf(32)
  })

  it('puts each number into the place of its power of two', () => {
    const nodes = [0, 0.99, 1, 2, 3, 4, 2 ** 29 - 1, 2 ** 29, 2 ** 70].map(price => nodeView({ price }))
    const { histogram = [] } = summarise(nodes).numbers['price'] ?? {}
    expect(Object.fromEntries([...histogram.entries()].filter(([, count]) => count > 0)))
      .to.deep.equal({ 0: 2, 1: 1, 2: 2, 3: 1, 29: 1, 30: 1, 63: 1 })
  })
})

describe('a query of everything', () => {
  it('expects every node, up or down', () => {
    const everything: NodeQuery = {}
    const nodes = [nodeView(), nodeView({ state: 'down' })]
    expect(expectedMatches(everything, summaryOf(nodes), SURROUNDINGS)).to.equal(2)
  })
})
