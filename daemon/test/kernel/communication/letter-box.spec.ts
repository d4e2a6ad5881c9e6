import { expect } from 'chai'
import { LetterBox, type Letter } from '../../../src/kernel/communication/mail/letter-box.ts'

const BOUNDS = { lettersMax: 3, bytesMax: 100, rememberedMax: 2 }
const letter = (id: string, bytes = 1): Letter => ({ id, from: 'x', body: new Uint8Array(bytes), sentAtMs: 0 })

function boxOf (...ids: string[]): LetterBox {
  const box = new LetterBox(BOUNDS)
  for (const id of ids) box.add(box.nextSequence, id, letter(id))
  return box
}

function acknowledge (box: LetterBox, id: string): string[] {
  const forgotten = box.acknowledgement(id)?.forgotten ?? []
  box.acknowledge(id, forgotten)
  return forgotten.map(old => old.id)
}

const read = (box: LetterBox, reader: object): string[] => {
  const ids: string[] = []
  for (let next = box.take(reader); next !== undefined; next = box.take(reader)) ids.push(next.id)
  return ids
}

describe('a mailbox', () => {
  it('gives each letter to one reader, in order, and what it did not acknowledge to the next, in its place', () => {
    const box = boxOf('a', 'b', 'c')
    const [one, two] = [{}, {}]
    expect(read(box, one)).to.deep.equal(['a', 'b', 'c'])
    expect(read(box, two)).to.deep.equal([])
    acknowledge(box, 'b')
    box.add(box.nextSequence, 'd', letter('d'))
    box.giveBack(one)
    expect(read(box, two)).to.deep.equal(['a', 'c', 'd'])
  })

  it('is full by letters or by bytes, until some are acknowledged', () => {
    expect(boxOf('a', 'b').judge('c', 98)).to.equal('fresh')
    expect(boxOf('a', 'b').judge('c', 99)).to.equal('full')
    const box = boxOf('a', 'b', 'c')
    expect(box.judge('d', 1)).to.equal('full')
    acknowledge(box, 'a')
    expect(box.judge('d', 1)).to.equal('fresh')
    expect([box.size, box.bytes]).to.deep.equal([2, 2])
  })

  it('knows an id again, acknowledged or not, for as many as it remembers', () => {
    const box = boxOf('a', 'b', 'c')
    expect(['a', 'b', 'c'].map(id => acknowledge(box, id))).to.deep.equal([[], [], ['a']])
    expect(['a', 'b', 'c'].map(id => box.judge(id, 1))).to.deep.equal(['fresh', 'known', 'known'])
    expect(acknowledge(box, 'b')).to.deep.equal([])
    expect(box.size).to.equal(0)
  })

  it('goes on with what was kept', () => {
    const box = new LetterBox(BOUNDS)
    box.add(4, 'old', undefined)
    box.add(7, 'new', letter('new'))
    expect(box.nextSequence).to.equal(8)
    expect(box.judge('old', 1)).to.equal('known')
    expect(read(box, {})).to.deep.equal(['new'])
  })
})
