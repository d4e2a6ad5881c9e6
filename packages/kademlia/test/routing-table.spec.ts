import { expect } from 'chai'
import { commonBits, RoutingTable, type Placed } from '../src/index.ts'
import { at, byBruteForce, nodes } from './kit.ts'

const SELF = at('self')

describe('a routing table', () => {
  it('knows a few nodes at each distance, and all of its neighbourhood', () => {
    const table = new RoutingTable(SELF, { bucketSize: 8 })
    const all = nodes(2000)
    for (const node of all) table.seen(node)
    const counts = new Map<number, number>()
    for (const { point } of table.values()) {
      const bits = commonBits(SELF, point)
      counts.set(bits, (counts.get(bits) ?? 0) + 1)
    }
    expect(Math.max(...counts.values())).to.equal(8)
    for (const id of byBruteForce(SELF, all, 8)) expect(table.get(id), id).not.to.equal(undefined)
  })

  it('keeps whom it has known for long, until that fails twice; then the latest that waited has the place', () => {
    const table = new RoutingTable(SELF, { bucketSize: 2 })
    const far = nodes(100).filter(({ point }) => commonBits(SELF, point) === 0)
    const [a, b, c, d] = far as [Placed, Placed, Placed, Placed]
    expect(table.seen(a).added).to.equal(a)
    for (const node of [b, c, d, a]) table.seen(node)
    expect([...table.values()].map(({ id }) => id)).to.deep.equal([a.id, b.id])
    expect(table.failed(a.id)).to.deep.equal({})
    expect(table.failed(a.id)).to.deep.equal({ removed: a, added: d })
    expect(table.size).to.equal(2)
  })

  it('forgives one failure when somebody answers again', () => {
    const table = new RoutingTable(SELF, { bucketSize: 2 })
    const [node] = nodes(1)
    if (node === undefined) return
    for (let i = 0; i < 5; i++) {
      table.seen(node)
      expect(table.failed(node.id)).to.deep.equal({})
    }
    expect(table.failed('nobody')).to.deep.equal({})
    expect(table.remove(node.id).removed).to.equal(node)
    expect(table.remove(node.id)).to.deep.equal({})
  })
})
