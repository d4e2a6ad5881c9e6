import { expect } from 'chai'
import type { NodeView } from '@welkin/interface'
import { resolveNode, resolvePlace } from '../src/resolve-node.ts'

const nodes = [['aa1', 'n1', 'acme/lyon/r1'], ['aa2', 'n2', 'acme/lyon/r2'], ['bb1', 'lyon', 'acme/oslo/r1']]
  .map(([id, name, zone]) => ({ id, name, zone })) as NodeView[]

describe('a reference to a node', () => {
  it('is an id, a name, or a prefix of an id that one node has', () => {
    for (const ref of ['aa2', 'n2']) expect(resolveNode(nodes, ref).id).to.equal('aa2')
    expect(resolveNode(nodes, 'b').id).to.equal('bb1')
  })

  it('is refused when it means none or several', () => {
    expect(() => resolveNode(nodes, 'aa')).to.throw(/any of 2/).with.property('code', 'EINVAL')
    expect(() => resolveNode(nodes, 'x')).to.throw(/welkin nodes/).with.property('code', 'ENOENT')
  })
})

describe('a reference to a place', () => {
  it('is a zone with all its nodes, or one node', () => {
    expect(resolvePlace(nodes, 'acme/lyon').map(({ id }) => id)).to.deep.equal(['aa1', 'aa2'])
    expect(resolvePlace(nodes, 'acme')).to.have.lengthOf(3)
    expect(resolvePlace(nodes, 'lyon').map(({ id }) => id)).to.deep.equal(['bb1'])
  })

  it('is refused with ENOENT when nobody is there', () => {
    expect(() => resolvePlace(nodes, 'acme/rome')).to.throw(/zone/).with.property('code', 'ENOENT')
  })
})
