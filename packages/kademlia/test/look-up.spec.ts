import { expect } from 'chai'
import { LookUp, PointIndex, RoutingTable, type Placed } from '../src/index.ts'
import { at, byBruteForce, nodes } from './kit.ts'

const TARGET = at('target')
const ALL = nodes(400)
const byId = new Map(ALL.map(node => [node.id, node]))

/** Tables as they come about when each node has met some by chance, and those that are near to it. */
function tables (): Map<string, RoutingTable<Placed>> {
  return new Map(ALL.map((node, place) => {
    const table = new RoutingTable<Placed>(node.point, { bucketSize: 8 })
    for (const id of byBruteForce(node.point, ALL, 9)) if (id !== node.id) table.seen(byId.get(id) as Placed)
    for (let i = 1; i <= 20; i++) table.seen(ALL[(place * 7 + i * 13) % ALL.length] as Placed)
    return [node.id, table] as const
  }))
}

function nearestIn (table: RoutingTable<Placed>, count: number): Placed[] {
  const index = new PointIndex<Placed>()
  for (const node of table.values()) index.set(node)
  return index.nearest(TARGET, count)
}

function ids (list: readonly Placed[]): string[] {
  return list.map(({ id }) => id)
}

describe('a look-up', () => {
  it('comes to the nearest of all in few steps, from wherever it begins', () => {
    const known = tables()
    for (const start of ALL.slice(0, 40)) {
      const look = new LookUp<Placed>(TARGET, { alpha: 3, count: 8 })
      look.offer([start], { isTrusted: true })
      let asked = 0
      while (!look.isComplete) {
        for (const node of look.next()) {
          asked++
          look.offer(nearestIn(known.get(node.id) as RoutingTable<Placed>, 8), { isTrusted: false })
          look.answered(node.id)
        }
      }
      expect(ids(look.nearest())).to.deep.equal(byBruteForce(TARGET, ALL, 8))
      expect(asked).to.be.below(30)
    }
  })

  it('waits for no more than alpha at a time', () => {
    const look = new LookUp<Placed>(TARGET, { alpha: 3, count: 8 })
    look.offer(ALL, { isTrusted: true })
    const first = look.next()
    expect(first).to.have.lengthOf(3)
    expect(look.next()).to.deep.equal([])
    look.answered(first[0]?.id as string)
    expect(look.next()).to.have.lengthOf(1)
  })

  it('passes over whoever is slow, and takes its answer all the same', () => {
    const look = new LookUp<Placed>(TARGET, { alpha: 1, count: 2 })
    const [a, b, c] = byBruteForce(TARGET, ALL, 3) as [string, string, string]
    look.offer([a, b, c].map(id => byId.get(id) as Placed), { isTrusted: true })
    expect(ids(look.next())).to.deep.equal([a])
    look.overtaken(a)
    expect(ids(look.next())).to.deep.equal([b])
    look.answered(b)
    expect(ids(look.next()), 'in place of the slow one').to.deep.equal([c])
    look.answered(c)
    expect(look.isComplete, 'the slow one counts as long as it may answer').to.equal(false)
    look.answered(a)
    expect(look.isComplete).to.equal(true)
    expect(ids(look.nearest())).to.deep.equal([a, b])
    look.overtaken(a)
    look.failed(a)
    expect(ids(look.nearest()), 'an answer is final').to.deep.equal([a, b])
  })

  it('goes by its own knowledge where somebody tells of nodes that never answer', () => {
    const look = new LookUp<Placed>(TARGET, { alpha: 2, count: 2 })
    const [near, far] = byBruteForce(TARGET, ALL, 40).slice(38) as [string, string]
    look.offer([near, far].map(id => byId.get(id) as Placed), { isTrusted: true })
    look.next()
    const madeUp = byBruteForce(TARGET, ALL, 8).map(id => byId.get(id) as Placed)
    look.offer(madeUp, { isTrusted: false })
    for (const id of [near, far]) look.answered(id)
    for (let i = 0; i < 4; i++) for (const { id } of look.next()) look.overtaken(id)
    expect(look.isComplete).to.equal(true)
    expect(ids(look.nearest())).to.deep.equal([near, far])
  })

  it('asks those first that cost least, of those that are near enough', () => {
    const order = byBruteForce(TARGET, ALL, 8)
    const look = new LookUp<Placed>(TARGET, { alpha: 3, count: 8, costMs: id => -order.indexOf(id) })
    look.offer(ALL, { isTrusted: true })
    expect(ids(look.next())).to.deep.equal(order.slice(5).toReversed())
    expect(look.progress()).to.deep.equal({ nearest: 8, answered: 0 })
  })

  it('is over at once where nobody is known', () => {
    const look = new LookUp<Placed>(TARGET, { alpha: 3, count: 8 })
    expect(look.next()).to.deep.equal([])
    expect(look.isComplete).to.equal(true)
    look.answered('nobody')
    look.overtaken('nobody')
  })
})
