import { expect } from 'chai'
import { checkConverged, tellConverged, type VersionedWrite } from '../src/checkers/eventual.ts'

type Held = Record<string, string>

const replicas = (nodes: Record<string, Held>): Map<string, Map<string, string>> =>
  new Map(Object.entries(nodes).map(([node, held]) => [node, new Map(Object.entries(held))]))
const write = (key: string, version: number, value: string | null): VersionedWrite => ({ key, version, value })

describe('replicas have converged', () => {
  it('when all hold the same, and all that was acknowledged', () => {
    const found = checkConverged(replicas({ n1: { x: 'a', y: 'b' }, n2: { y: 'b', x: 'a' } }), [
      write('x', 1, 'a'), write('y', 1, 'b')
    ])
    expect(found).to.deep.equal({ converged: true, differences: [], lost: [] })
    expect(tellConverged(found)).to.equal('the replicas agree, and hold all that was acknowledged')
  })

  it('when a later write replaced an earlier one, whichever was acknowledged', () => {
    const held = replicas({ n1: { x: 'b' }, n2: { x: 'b' } })
    expect(checkConverged(held, [write('x', 1, 'a'), write('x', 2, 'b')]).lost).to.deep.equal([])
    expect(checkConverged(held, [write('x', 1, 'a')], [write('x', 2, 'b')]).lost).to.deep.equal([])
  })

  it('when a key was removed', () => {
    expect(checkConverged(replicas({ n1: {}, n2: {} }), [write('x', 1, 'a'), write('x', 2, null)]))
      .to.deep.equal({ converged: true, differences: [], lost: [] })
  })

  it('when two writes of one version were rivals and one of them won', () => {
    expect(checkConverged(replicas({ n1: { x: 'b' } }), [write('x', 1, 'a'), write('x', 1, 'b')]).lost)
      .to.deep.equal([])
  })
})

describe('replicas have not converged', () => {
  it('when some differ on a key, or lack it', () => {
    const found = checkConverged(replicas({ n1: { x: 'a', y: 'c' }, n2: { x: 'b', y: 'c' }, n3: { x: 'a' } }), [])
    expect(found.converged).to.equal(false)
    expect(found.differences).to.deep.equal([
      { key: 'x', held: new Map([['a', ['n1', 'n3']], ['b', ['n2']]]) },
      { key: 'y', held: new Map([['c', ['n1', 'n2']], [null, ['n3']]]) }
    ])
    expect(tellConverged(found).split('\n')).to.deep.equal([
      'replicas differ on x: n1, n3 hold a; n2 holds b', 'replicas differ on y: n1, n2 hold c; n3 holds nothing'
    ])
  })
})

describe('an acknowledged write is lost', () => {
  it('when no replica holds it, though all agree', () => {
    const found = checkConverged(replicas({ n1: { x: 'a' }, n2: { x: 'a' } }), [
      write('x', 1, 'a'), write('x', 2, 'b'), write('y', 1, 'c')
    ])
    expect(found).to.deep.equal({ converged: true, differences: [], lost: [write('x', 2, 'b'), write('y', 1, 'c')] })
    expect(tellConverged(found).split('\n')).to.deep.equal([
      'the write of b to x, version 2, was acknowledged and is nowhere',
      'the write of c to y, version 1, was acknowledged and is nowhere'
    ])
  })

  it('when what all hold is what nobody wrote', () => {
    expect(checkConverged(replicas({ n1: { x: 'z' } }), [write('x', 1, 'a')]).lost).to.deep.equal([write('x', 1, 'a')])
  })

  it('when a removal is undone', () => {
    const found = checkConverged(replicas({ n1: { x: 'a' } }), [write('x', 1, 'a'), write('x', 2, null)])
    expect(tellConverged(found)).to.equal('the removal of x, version 2, was acknowledged and is nowhere')
  })

  it('but not when one replica alone still holds it', () => {
    const found = checkConverged(replicas({ n1: { x: 'a' }, n2: { x: 'b' } }), [write('x', 1, 'a'), write('x', 2, 'b')])
    expect(found.lost).to.deep.equal([])
    expect(found.converged).to.equal(false)
  })
})
