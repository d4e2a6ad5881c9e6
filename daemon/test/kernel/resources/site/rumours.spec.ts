import { expect } from 'chai'
import * as fc from 'fast-check'
import { keyOf, Rumours, type Rumour } from '../../../../src/kernel/resources/site/rumours.ts'
import { createSpeaker } from '../statements/kit.ts'

const NO_IDS = new Uint8Array()
const PEERS = ['a', 'b', 'c', 'd', 'e']

/** A rumour whose wire tells it from all others. */
function rumour (number: number, { urgent = true, key = `k${number}`, bytes = 100 } = {}): Rumour {
  const wire = new Uint8Array(bytes)
  new DataView(wire.buffer).setUint32(0, number)
  return { key, wire, statedMs: 0, urgent }
}

const keysIn = (rumours: readonly Rumour[]): string[] => rumours.map(({ key }) => key)

describe('a rumour', () => {
  it('is of one kind and subject, an accusation of one accuser too', () => {
    const [n1, n2] = [createSpeaker('n1'), createSpeaker('n2')]
    const keys = [n1.facts(), n1.vitals(), n2.vitals(), n1.accuse(n2.vitals()), n2.accuse(n2.vitals())].map(keyOf)
    expect(new Set(keys)).to.have.lengthOf(5)
    expect(keyOf(n1.vitals({ version: 9 }))).to.equal(keyOf(n1.vitals()))
  })

  it('gives way to a later one of its key', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1, { key: 'k' }), undefined, 0)
    rumours.add(rumour(2), undefined, 0)
    rumours.add(rumour(3, { key: 'k' }), undefined, 0)
    expect(rumours.size).to.equal(2)
    expect(rumours.lackedBy('a', NO_IDS, 8192, 0).map(({ wire }) => wire[3])).to.deep.equal([3, 2])
  })

  it('is told newest first, as far as a message goes, one at least', () => {
    const rumours = new Rumours()
    for (let i = 1; i <= 5; i++) rumours.add(rumour(i), undefined, 0)
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 216, 0))).to.deep.equal(['k5', 'k4'])
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 1, 0))).to.deep.equal(['k3'])
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 0))).to.deep.equal(['k2', 'k1'])
  })

  it('is told to nobody who told it, was told it, or says that it has it', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1), 'a', 0)
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 0))).to.deep.equal([])
    expect(keysIn(rumours.lackedBy('b', rumours.ids(), 8192, 0))).to.deep.equal([])
    expect(keysIn(rumours.lackedBy('b', NO_IDS, 8192, 0))).to.deep.equal(['k1'])
    expect(keysIn(rumours.urgentFor('b', 8192))).to.deep.equal([])
    rumours.markKnown('k1', rumour(1).wire, 'c')
    expect(keysIn(rumours.lackedBy('c', NO_IDS, 8192, 0))).to.deep.equal([])
  })

  it('is known to a peer only as it stands now', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1, { key: 'k' }), undefined, 0)
    rumours.markKnown('k', rumour(2).wire, 'a')
    rumours.markKnown('other', rumour(1).wire, 'a')
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 0))).to.deep.equal(['k'])
    rumours.add(rumour(3, { key: 'k' }), undefined, 0)
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 0))).to.deep.equal(['k'])
  })

  it('can be told once more where it did not arrive', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1, { key: 'k' }), undefined, 0)
    const taken = rumours.urgentFor('a', 8192)
    rumours.takeBack(taken, 'a')
    expect(keysIn(rumours.urgentFor('a', 8192))).to.deep.equal(['k'])
    rumours.add(rumour(2, { key: 'k' }), 'a', 0)
    rumours.takeBack(taken, 'a')
    expect(keysIn(rumours.urgentFor('a', 8192))).to.deep.equal([])
  })

  it('is told for six seconds, and known for twelve', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1), undefined, 1000)
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 6999))).to.deep.equal(['k1'])
    expect(keysIn(rumours.lackedBy('b', NO_IDS, 8192, 7000))).to.deep.equal([])
    rumours.expire(12_999)
    expect([rumours.size, rumours.ids().byteLength]).to.deep.equal([1, 4])
    rumours.expire(13_000)
    expect([rumours.size, rumours.ids().byteLength]).to.deep.equal([0, 0])
  })

  it('that is the oldest of more than a thousand is dropped', () => {
    const rumours = new Rumours()
    for (let i = 1; i <= 1100; i++) rumours.add(rumour(i, { bytes: 64 }), undefined, 0)
    expect(rumours.size).to.equal(1024)
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 1e9, 0)).at(-1)).to.equal('k77')
  })

  it('takes ids of any bytes for what they are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 50 }), ids => {
      const rumours = new Rumours()
      rumours.add(rumour(7), undefined, 0)
      expect(keysIn(rumours.lackedBy('a', ids, 8192, 0)).length).to.be.at.most(1)
    }))
  })
})

describe('urgent news', () => {
  it('goes out to four, to those that lack most of it first', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1), 'a', 0)
    rumours.add(rumour(2), 'a', 0)
    rumours.markKnown('k1', rumour(1).wire, 'b')
    expect(rumours.nextWave(PEERS, 2)).to.deep.equal(['c', 'd'])
    for (const peer of ['c', 'd']) expect(keysIn(rumours.urgentFor(peer, 8192))).to.deep.equal(['k2', 'k1'])
    expect(rumours.nextWave(PEERS, 2)).to.deep.equal(['e', 'b'])
    expect(keysIn(rumours.urgentFor('e', 8192))).to.deep.equal(['k2', 'k1'])
    expect(keysIn(rumours.urgentFor('b', 8192))).to.deep.equal(['k2'])
    expect(rumours.nextWave(['f', 'g'], 2)).to.deep.equal(['f', 'g'])
    expect(keysIn(rumours.urgentFor('f', 8192))).to.deep.equal(['k1'])
    expect(rumours.nextWave(['g'], 2)).to.deep.equal([])
  })

  it('goes to nobody who has it all', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1), 'a', 0)
    expect(rumours.nextWave(['a'], 2)).to.deep.equal([])
  })

  it('is that alone which is worth a message', () => {
    const rumours = new Rumours()
    rumours.add(rumour(1, { urgent: false }), undefined, 0)
    expect(rumours.nextWave(PEERS, 2)).to.deep.equal([])
    expect(keysIn(rumours.urgentFor('a', 8192))).to.deep.equal([])
    expect(keysIn(rumours.lackedBy('a', NO_IDS, 8192, 0))).to.deep.equal(['k1'])
  })

  it('never crosses a link twice in one direction, whoever says what and when', () => {
    const step = fc.record({
      kind: fc.constantFrom('add', 'push', 'pull', 'wave'), peer: fc.constantFrom(...PEERS), number: fc.nat(5)
    })
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const rumours = new Rumours()
      const sent = new Set<string>()
      let made = 0
      for (const { kind, peer, number } of steps) {
        if (kind === 'add') rumours.add(rumour(++made, { key: `k${number}` }), peer, 0)
        if (kind === 'wave') rumours.nextWave(PEERS, 2)
        const told = kind === 'push'
          ? rumours.urgentFor(peer, 300)
          : kind === 'pull' ? rumours.lackedBy(peer, NO_IDS, 300, 0) : []
        for (const { wire } of told) {
          const crossing = `${peer} ${new DataView(wire.buffer).getUint32(0)}`
          expect(sent.has(crossing), crossing).to.equal(false)
          sent.add(crossing)
        }
      }
    }))
  })
})
