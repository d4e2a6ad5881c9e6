import { expect } from 'chai'
import type { Announcement } from '../../../src/kernel/resources/announcement.ts'
import { MemberTable } from '../../../src/kernel/resources/member-table.ts'

const announcement = (id: string, more: Partial<Announcement> = {}): Announcement => ({
  record: {
    id, name: id, zone: 'acme/lyon/r1', addresses: [], version: '0', drivers: [],
    machine: { hostname: id, os: 'linux', arch: 'x64', cpuCount: 1, memoryBytes: 1 },
    load: { memoryFreeBytes: 1, objects: 0, objectsMax: 1, cpuPromised: 0, memoryPromisedBytes: 0 }
  },
  incarnation: 1, sequence: 0, leaving: false, ...more
})

describe('the table of members', () => {
  it('tells a newcomer from one that is heard again', () => {
    const table = new MemberTable(10)
    expect(table.hear(announcement('n1'), 0)).to.equal('joined')
    expect(table.hear(announcement('n1', { sequence: 1 }), 10)).to.equal('refreshed')
    expect(table.get('n1', 15)).to.include({ state: 'up', ageMs: 5 })
  })

  it('ignores what is older than what it knows, whichever way it came', () => {
    const table = new MemberTable(10)
    table.hear(announcement('n1', { incarnation: 2, sequence: 5 }), 0)
    expect(table.hear(announcement('n1', { incarnation: 2, sequence: 5 }), 10)).to.equal('stale')
    expect(table.hear(announcement('n1', { incarnation: 1, sequence: 99 }), 10)).to.equal('stale')
    expect(table.get('n1', 10)).to.include({ ageMs: 10 })
  })

  it('marks the silent as down, once, and takes them back', () => {
    const table = new MemberTable(10)
    table.hear(announcement('n1'), 0)
    expect(table.expire(99, 100)).to.deep.equal([])
    expect(table.expire(100, 100)).to.deep.equal(['n1'])
    expect(table.expire(200, 100)).to.deep.equal([])
    expect(table.hear(announcement('n1', { sequence: 1 }), 300)).to.equal('returned')
    expect(table.hear(announcement('n1', { incarnation: 2 }), 301)).to.equal('restarted')
  })

  it('believes a farewell until a later life', () => {
    const table = new MemberTable(10)
    table.hear(announcement('n1', { incarnation: 1 }), 0)
    expect(table.hear(announcement('n1', { sequence: 1, leaving: true }), 1)).to.equal('left')
    expect(table.get('n1', 1)?.state).to.equal('down')
    expect(table.hear(announcement('n1', { sequence: 0 }), 2)).to.equal('stale')
    expect(table.hear(announcement('n1', { incarnation: 5 }), 3)).to.equal('returned')
    expect(table.hear(announcement('n2', { leaving: true }), 3)).to.equal('stale')
  })

  it('forgets those who stay away, and says who of them took leave', () => {
    const table = new MemberTable(10)
    for (const id of ['n1', 'n2']) table.hear(announcement(id), 0)
    table.hear(announcement('n2', { sequence: 1, leaving: true }), 0)
    expect(table.forget(999, 1000)).to.deep.equal([])
    expect(table.all(999)).to.have.lengthOf(2)
    expect(table.forget(1000, 1000)).to.deep.equal(['n2'])
    expect(table.all(1000)).to.deep.equal([])
  })

  it('takes no more than it has room for, and goes on hearing those it has', () => {
    const table = new MemberTable(2)
    for (const id of ['n1', 'n2']) table.hear(announcement(id), 0)
    expect(table.hear(announcement('n3'), 1)).to.equal('full')
    expect(table.hear(announcement('n2', { sequence: 1 }), 1)).to.equal('refreshed')
    expect([table.isUp('n2'), table.isUp('n3')]).to.deep.equal([true, false])
  })

  it('lists by name, numbers in the order of numbers', () => {
    const table = new MemberTable(10)
    for (const id of ['n10', 'n2', 'n1']) table.hear(announcement(id), 0)
    expect(table.all(0).map(({ id }) => id)).to.deep.equal(['n1', 'n2', 'n10'])
    expect([table.count('up'), table.count('down')]).to.deep.equal([3, 0])
  })
})
