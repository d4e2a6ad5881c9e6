import { expect } from 'chai'
import type { CloudView } from '@welkin/interface'
import { resolveNode, resolvePlace } from '../src/resolve-node.ts'

const nodes = [['aa1', 'n1', 'acme/lyon/r1'], ['aa2', 'n2', 'acme/lyon/r2'], ['bb1', 'lyon', 'acme/oslo/r1']]
  .map(([id, name, zone]) => ({ id, name, zone })) as unknown as CloudView['nodes']
const view: CloudView = { nodes, silent: [] }

describe('a reference to a node', () => {
  it('is an id, a name, or a prefix of an id that one node has', () => {
    for (const ref of ['aa2', 'n2']) expect(resolveNode(view, ref).id).to.equal('aa2')
    expect(resolveNode(view, 'b').id).to.equal('bb1')
  })

  it('is refused when it means none or several', () => {
    expect(() => resolveNode(view, 'aa')).to.throw(/any of 2/).with.property('code', 'EINVAL')
    expect(() => resolveNode(view, 'x')).to.throw(/welkin nodes/).with.property('code', 'ENOENT')
  })
})

describe('a reference to what is nowhere', () => {
  const cut: CloudView = { nodes, silent: ['acme/rome'] }

  it('says EHOSTDOWN and which sites are silent, while it may be in one of them', () => {
    expect(() => resolveNode(cut, 'n9')).to.throw(/acme\/rome.*another place/).with.property('code', 'EHOSTDOWN')
    expect(() => resolvePlace(cut, 'acme/rome')).to.throw(/zone/).with.property('code', 'EHOSTDOWN')
    expect(resolveNode(cut, 'n2').id).to.equal('aa2')
  })
})

describe('a reference to a place', () => {
  it('is a zone with all its nodes, or one node', () => {
    expect(resolvePlace(view, 'acme/lyon').map(({ id }) => id)).to.deep.equal(['aa1', 'aa2'])
    expect(resolvePlace(view, 'acme')).to.have.lengthOf(3)
    expect(resolvePlace(view, 'lyon').map(({ id }) => id)).to.deep.equal(['bb1'])
  })

  it('is refused with ENOENT when nobody is there', () => {
    expect(() => resolvePlace(view, 'acme/rome')).to.throw(/zone/).with.property('code', 'ENOENT')
  })
})
