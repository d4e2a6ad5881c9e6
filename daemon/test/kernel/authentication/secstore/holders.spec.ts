import { expect } from 'chai'
import { createNodeKeys } from '@welkin/platform-node'
import { HOLDERS, inOrderFor } from '../../../../src/kernel/authentication/secstore/holders.ts'

const keys = createNodeKeys(new Uint8Array(32))
const nodes = Array.from({ length: 20 }, (_none, at) => ({ id: `n${at}` }))
const users = Array.from({ length: 400 }, (_none, at) => `user${at}`)
const holdersOf = (user: string, among = nodes): string[] =>
  inOrderFor(user, among, keys).slice(0, HOLDERS).map(({ id }) => id)

describe('holders', () => {
  it('are the same in whatever order the nodes are known', () => {
    for (const user of users) expect(holdersOf(user, nodes.toReversed())).to.deep.equal(holdersOf(user))
  })

  it('stay as they are when another node goes, and one takes the place of each that goes', () => {
    for (const user of users) {
      const before = holdersOf(user)
      const after = holdersOf(user, nodes.filter(({ id }) => id !== 'n7'))
      expect(after.filter(id => before.includes(id))).to.deep.equal(before.filter(id => id !== 'n7'))
    }
  })

  it('are spread evenly', () => {
    const counts = new Map<string, number>()
    for (const id of users.flatMap(user => holdersOf(user))) counts.set(id, (counts.get(id) ?? 0) + 1)
    expect([...counts.values()]).to.have.length(20)
    for (const count of counts.values()) expect(count).to.be.within(30, 90)
  })
})
