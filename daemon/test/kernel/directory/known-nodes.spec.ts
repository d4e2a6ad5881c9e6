import type { NodeId, NodeView } from '@welkin/interface'
import { commonBits, compareDistance, pointOf } from '@welkin/kademlia'
import { createNodeKeys } from '@welkin/platform-node'
import { expect } from 'chai'
import { KnownNodes, type KnownNode } from '../../../src/kernel/directory/known-nodes.ts'

const keys = createNodeKeys(new Uint8Array(32))

/** A site whose nodes can come, go and start again. */
class Site {
  readonly views = new Map<NodeId, NodeView>()
  readonly lives = new Map<NodeId, number>()

  start (id: NodeId): void {
    this.views.set(id, { id, addresses: [`at ${id}`], state: 'up' } as unknown as NodeView)
    this.lives.set(id, (this.lives.get(id) ?? 0) + 1)
  }

  known (): KnownNodes {
    const membership = {
      self: 'self', nodes: () => [...this.views.values()], life: (id: NodeId) => this.lives.get(id),
      contacts: () => [], sites: () => []
    }
    return new KnownNodes(membership, keys, { addresses: () => [], bucketSize: 16 })
  }
}

function stranger (place: number): KnownNode {
  return { id: `s${place}`, addresses: [`at ${place}`], point: pointOf(`s${place}`, keys) }
}

describe('whom the directory of a node knows', () => {
  let site: Site
  let known: KnownNodes
  const changes = (nowMs: number): { added: NodeId[], removed: NodeId[] } => {
    known.refresh(nowMs)
    const { added, removed } = known.takeChanges()
    return { added: added.map(({ id }) => id), removed }
  }

  beforeEach(() => {
    site = new Site()
    site.start('self')
    known = site.known()
  })

  it('tells that a node of its site has started again, though it was up whenever it looked', () => {
    site.start('a')
    expect(changes(0)).to.deep.equal({ added: ['a'], removed: [] })
    expect(changes(1000)).to.deep.equal({ added: [], removed: [] })
    site.start('a')
    expect(changes(2000)).to.deep.equal({ added: ['a'], removed: ['a'] })
  })

  it('tells that one of another site has started since it became known, by what it says of itself', () => {
    changes(5000)
    const node = stranger(1)
    known.seen(node) // it has answered
    expect(changes(6000)).to.deep.equal({ added: ['s1'], removed: [] })
    known.seen(node, 300)
    expect(changes(7000), 'it has been up all the time').to.deep.equal({ added: [], removed: [] })
    known.seen(node, 900)
    expect(changes(8000), 'the same start, later by what a message takes').to.deep.equal({ added: [], removed: [] })
    known.seen(node, 8500)
    expect(changes(9000)).to.deep.equal({ added: ['s1'], removed: ['s1'] })
    known.seen(node, 8500)
    expect(changes(9500)).to.deep.equal({ added: [], removed: [] })
  })

  it('picks whom to meet where hardly anybody is known, the nearest at each distance', () => {
    changes(0)
    const told = Array.from({ length: 500 }, (_, i) => stranger(i))
    const bitsOf = ({ point }: KnownNode): number => commonBits(known.self.point, point)
    const at = (bits: number, nodes = told): KnownNode[] => nodes.filter(node => bitsOf(node) === bits)
    for (const node of at(0).slice(0, 5)) known.seen(node)
    for (const node of at(1).slice(0, 2)) known.seen(node)
    const picked = known.scarce(told, 3)
    expect(at(0, picked)).to.deep.equal([])
    expect(at(1, picked)).to.have.lengthOf(1)
    for (const bits of [2, 3, 4]) expect(at(bits, picked)).to.have.lengthOf(3)
    const byDistance = at(2).toSorted((a, b) => compareDistance(known.self.point, a.point, b.point))
    expect(at(2, picked)).to.deep.equal(byDistance.slice(0, 3))
    for (const node of picked) known.seen(node)
    expect(known.scarce(told, 3)).to.deep.equal([])
  })
})
