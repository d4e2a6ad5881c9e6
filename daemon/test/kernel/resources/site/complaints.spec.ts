import { expect } from 'chai'
import type { Logger } from '@welkin/interface'
import { Complaints } from '../../../../src/kernel/resources/site/complaints.ts'

function complaints () {
  const named: unknown[] = []
  let counted = 0
  const log = { warn: (event: string, fields: object) => { named.push({ event, ...fields }) } } as Partial<Logger>
  const noted = new Complaints(log as Logger, { add: (amount = 1) => { counted += amount } })
  return { noted, named, counted: () => counted }
}

describe('complaints', () => {
  it('name a peer at the first time, the tenth, the hundredth and so on, and count all', () => {
    const { noted, named, counted } = complaints()
    for (let i = 0; i < 5000; i++) noted.note('n1', 'It is no list.')
    noted.note('n2', 'It is too long.')
    expect(named).to.deep.equal([
      ...[1, 10, 100, 1000].map(count => (
        { event: 'resources.nonsense_ignored', peer: 'n1', reason: 'It is no list.', count })),
      { event: 'resources.nonsense_ignored', peer: 'n2', reason: 'It is too long.', count: 1 }
    ])
    expect(counted()).to.equal(5001)
  })

  it('name ever more rarely those that come under ever new names', () => {
    const { noted, named, counted } = complaints()
    for (let i = 0; i < 100_000; i++) noted.note(`n${i}`, 'It is no list.')
    expect(named.length).to.be.at.most(1010)
    expect(counted()).to.equal(100_000)
  })

  it('go on about one peer however many others there are', () => {
    const { noted, named } = complaints()
    for (let i = 0; i < 1000; i++) noted.note(`n${i}`, 'It is no list.')
    for (let i = 0; i < 99; i++) noted.note('n7', 'It is no list.')
    expect(named.filter(line => (line as { peer: string }).peer === 'n7')).to.have.lengthOf(3)
  })
})
