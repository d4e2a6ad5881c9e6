import { expect } from 'chai'
import { pickMatch, type Candidate } from '../../../src/kernel/processes/pick-match.ts'

const candidate = (id: string, more: Partial<Candidate> = {}): Candidate =>
  ({ id, live: true, spawnedAtMs: 0, node: 'n1', ...more })

describe('a reference to an object', () => {
  it('means the object of that id, whatever else is called so', () => {
    expect(pickMatch('abc', [candidate('def', { name: 'abc' }), candidate('abc')]).id).to.equal('abc')
  })

  it('means the live one of that name, though others have ended', () => {
    const candidates = [candidate('a1', { name: 'web', live: false, spawnedAtMs: 9 }), candidate('a2', { name: 'web' })]
    expect(pickMatch('web', candidates).id).to.equal('a2')
  })

  it('means the latest of that name when all have ended', () => {
    const candidates = [3, 7, 5].map(spawnedAtMs =>
      candidate(`a${spawnedAtMs}`, { name: 'web', live: false, spawnedAtMs }))
    expect(pickMatch('web', candidates).id).to.equal('a7')
  })

  it('means the one whose id begins so', () => {
    expect(pickMatch('a2', [candidate('a1f'), candidate('a2f')]).id).to.equal('a2f')
  })

  it('means the one of which two nodes speak, since it moves', () => {
    const candidates = ['n1', 'n2'].map(node => candidate('a1', { name: 'web', node }))
    expect(pickMatch('web', candidates).id).to.equal('a1')
  })

  it('is refused with the choices when several could be meant', () => {
    const refused = (ref: string, ...candidates: Candidate[]) =>
      expect(() => pickMatch(ref, candidates)).to.throw(/any of 2/)
    refused('a', candidate('a1'), candidate('a2')).with.property('code', 'EINVAL')
    refused('web', candidate('a1', { name: 'web' }), candidate('b1', { name: 'web' }))
      .with.nested.property('fields.matches').that.deep.equals(['a1', 'b1'])
  })

  it('is refused with ENOENT when nobody could be meant', () => {
    expect(() => pickMatch('x', [candidate('a1')])).to.throw(/welkin ps/).with.property('code', 'ENOENT')
  })
})
