import { expect } from 'chai'
import fc from 'fast-check'
import type { NodeQuery } from '@welkin/abi'
import { siteOf, type NodeView } from '@welkin/interface'
import { parseQuery, select } from '../src/index.ts'
import { inOrder, meets } from './brute-force.ts'
import { anyNode, anyQuery, nodeView, SURROUNDINGS } from './kit.ts'

const nodes = fc.array(anyNode, { maxLength: 40 })

const found = (query: NodeQuery, views: readonly NodeView[]): NodeView[] =>
  select(query, views, SURROUNDINGS).rows.map(({ node }) => node)

const names = (text: string, views: readonly NodeView[]): string[] =>
  found(parseQuery(text), views).map(({ name }) => name)

/** The place of each node among the better ones of its group. */
function ranks (sorted: readonly NodeView[], groupOf: (node: NodeView) => string): number[] {
  return sorted.map((node, at) => sorted.slice(0, at).filter(better => groupOf(better) === groupOf(node)).length)
}

const GROUPS = { rack: ({ zone }: NodeView) => zone, site: ({ zone }: NodeView) => siteOf(zone) }

describe('select', () => {
  it('counts what a naive evaluator finds', () => {
    fc.assert(fc.property(nodes, anyQuery, (views, query) => {
      expect(select(query, views, SURROUNDINGS).matched)
        .to.equal(views.filter(view => meets(view, query.where)).length)
    }), { numRuns: 2000 })
  })

  it('gives the first of what a full sort of all matches gives', () => {
    fc.assert(fc.property(nodes, anyQuery, (views, { spread: _spread, ...query }) => {
      const sorted = views.filter(view => meets(view, query.where))
        .toSorted((one, other) => inOrder(query.order, one, other))
      expect(found(query, views)).to.deep.equal(sorted.slice(0, query.limit))
    }), { numRuns: 2000 })
  })

  it('spreads over as many groups as there are, the best of each first', () => {
    fc.assert(fc.property(nodes, anyQuery, fc.constantFrom('rack', 'site'), (views, query, spread) => {
      const sorted = views.filter(view => meets(view, query.where))
        .toSorted((one, other) => inOrder(query.order, one, other))
      const rank = ranks(sorted, GROUPS[spread])
      const expected = sorted.map((node, at) => ({ node, rank: rank[at] as number }))
        .toSorted((one, other) => one.rank - other.rank).map(({ node }) => node)
      expect(found({ ...query, spread }, views)).to.deep.equal(expected.slice(0, query.limit))
    }), { numRuns: 1000 })
  })

  it('keeps the given order where the query has none, and among equals', () => {
    const views = ['b', 'a', 'c'].map(name => nodeView({ name }))
    expect(names('', views)).to.deep.equal(['b', 'a', 'c'])
    expect(names('order by cpu.count desc limit 2', views)).to.deep.equal(['b', 'a'])
  })

  it('puts numbers in names in the order of the numbers', () => {
    const views = ['n10', 'n9', 'n1'].map(name => nodeView({ name }))
    expect(names('order by name', views)).to.deep.equal(['n1', 'n9', 'n10'])
    expect(names('order by name desc', views)).to.deep.equal(['n10', 'n9', 'n1'])
  })

  it('puts those last that do not tell, whichever way the rest is ordered', () => {
    const views = [
      nodeView({ name: 'silent' }), nodeView({ name: 'dear', price: 9 }), nodeView({ name: 'cheap', price: 1 })
    ]
    expect(names('order by price', views)).to.deep.equal(['cheap', 'dear', 'silent'])
    expect(names('order by price desc', views)).to.deep.equal(['dear', 'cheap', 'silent'])
  })

  it('holds what is not told for no answer to any comparison', () => {
    const views = [nodeView()]
    for (const text of ['price < 2', 'price >= 2', 'price != 2', 'price = 2', 'rack ~ "*x*"', 'rtt(node3) > 0ms']) {
      expect(names(text, views), text).to.deep.equal([])
      expect(names(`not ${text}`, views), text).to.deep.equal(['n1'])
    }
  })

  it('tells what each node costs, and leaves out what is unknown', () => {
    const near = nodeView({
      name: 'near', price: 2, ageMs: 7, coordinate: { vector: [3, 4], heightMs: 1, error: 0.2 }
    })
    const { rows } = select(
      parseQuery('order by cost(load=1, bytes=1000B)'), [near, nodeView()], SURROUNDINGS)
    expect(rows.map(({ cost }) => cost)).to.deep.equal([
      {
        rttMs: 7, rttErrorMs: 0, bandwidthBytesPerSecond: 4000, transferMs: 250, startDelayMs: 400, price: 2, load: 0,
        ageMs: 7
      },
      { startDelayMs: 200, load: 0, ageMs: 0 }
    ])
  })

  it('counts the distance to the farthest of several places', () => {
    const view = nodeView({ coordinate: { vector: [0, 0], heightMs: 0, error: 0.2 } })
    const [row] = select(parseQuery('order by cost near (node3, acme/lyon)'), [view], SURROUNDINGS).rows
    expect(row?.cost.rttMs).to.equal(90)
  })

  it('refuses a query that asks what cannot be asked', () => {
    expect(() => select({ order: { by: 'attribute', attribute: 'cpu.fre', descending: false } }, [], SURROUNDINGS))
      .to.throw('The order cannot be used. There is no attribute cpu.fre. Did you mean cpu.free?')
      .with.property('code', 'EINVAL')
  })
})
