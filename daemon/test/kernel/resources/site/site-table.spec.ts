import { expect } from 'chai'
import type { NodeView } from '@welkin/interface'
import { SiteTable, type Member } from '../../../../src/kernel/resources/site/site-table.ts'
import { createSpeaker, vitalsOf, type Speaker } from '../statements/kit.ts'

const [n1, n2, n3] = [createSpeaker('n1'), createSpeaker('n2'), createSpeaker('n3')]

/** A table that knows these already, since time 0. */
function tableWith (speakers: readonly Speaker[], { nodesMax = 100 } = {}) {
  const table = new SiteTable(nodesMax)
  for (const speaker of speakers) {
    table.hearFacts(speaker.facts({ version: 0 }), 0)
    table.hearVitals(speaker.vitals({ version: 1 }), 0, 0)
  }
  return { table, member: ({ handle }: Speaker): Member => table.get(handle) as Member }
}

describe('the table of a site', () => {
  it('knows a node when both its facts and its vitals have come', () => {
    const { table } = tableWith([])
    expect(table.hearVitals(n1.vitals(), 0, 0)).to.equal('stale')
    expect(table.idOf(n1.handle)).to.equal(undefined)
    expect(table.hearFacts(n1.facts(), 0)).to.equal('stale')
    expect([table.size, table.idOf(n1.handle), table.get(n1.handle)]).to.deep.equal([0, n1.id, undefined])
    expect(table.hearVitals(n1.vitals(), 0, 0)).to.equal('joined')
    expect([table.size, table.count('up'), table.byId(n1.id)?.handle]).to.deep.equal([1, 1, n1.handle])
  })

  it('does not take up a node that is leaving', () => {
    const { table } = tableWith([])
    table.hearFacts(n1.facts(), 0)
    expect(table.hearVitals(n1.vitals({}, { leaving: true }), 0, 0)).to.equal('stale')
    expect(table.size).to.equal(0)
  })

  it('says of each statement what it was', () => {
    const { table, member } = tableWith([n1])
    const said = (version: number, more = {}, incarnation = 1): string =>
      table.hearVitals(n1.vitals({ incarnation, version }, more), 0, 0)
    expect(said(1)).to.equal('stale')
    expect(said(2, { price: 7 })).to.equal('refreshed')
    expect(member(n1).view.price).to.equal(7)
    expect(said(3, { leaving: true })).to.equal('left')
    expect(member(n1).view.state).to.equal('down')
    expect(said(4, { leaving: true })).to.equal('stale')
    expect(said(5)).to.equal('returned')
    expect(said(0, {}, 2)).to.equal('restarted')
    expect(said(9, {}, 1)).to.equal('stale')
    table.markDown(member(n1), 0)
    expect(said(1, {}, 2)).to.equal('returned')
    table.markDown(member(n1), 0)
    expect(said(0, {}, 3)).to.equal('restarted')
    expect(member(n1).view.state).to.equal('up')
  })

  it('takes later facts of a node, and none of another by the same handle', () => {
    const { table, member } = tableWith([n1])
    expect(table.hearFacts(n1.facts({ version: 0 }, { name: 'old' }), 0)).to.equal('stale')
    expect(table.hearFacts(n1.facts({ version: 2 }, { name: 'new', addresses: ['x'] }), 0)).to.equal('refreshed')
    expect(member(n1).view).to.deep.include({ name: 'new', addresses: ['x'], id: n1.id, state: 'up' })
    expect(table.hearFacts({ ...n2.facts({ version: 9 }), subject: n1.handle }, 0)).to.equal('stale')
    expect(member(n1).view.id).to.equal(n1.id)
  })

  it('knows what is news', () => {
    const { table } = tableWith([n1])
    expect(table.isNews(n1.vitals({ version: 1 }))).to.equal(false)
    expect(table.isNews(n1.vitals({ version: 2 }))).to.equal(true)
    expect(table.isNews(n1.facts({ version: 0 }))).to.equal(false)
    expect(table.isNews(n2.facts())).to.equal(true)
    table.hearFacts(n2.facts(), 0)
    expect(table.isNews(n2.facts())).to.equal(false)
    expect(table.isNews(n2.vitals())).to.equal(true)
  })

  it('takes no more nodes than it may, those whose vitals have not come among them', () => {
    const { table } = tableWith([n1], { nodesMax: 2 })
    expect(table.isFull).to.equal(false)
    expect(table.hearFacts(n2.facts(), 0)).to.equal('stale')
    expect(table.isFull).to.equal(true)
    expect(table.hearFacts(n3.facts(), 0)).to.equal('full')
    expect(table.hearVitals(n2.vitals(), 0, 0)).to.equal('joined')
    expect(table.hearFacts(n3.facts(), 0)).to.equal('full')
    expect(table.hearVitals(n1.vitals({ version: 2 }), 0, 0)).to.equal('refreshed')
  })

  it('forgets who has been down for long, and who has only said half', () => {
    const { table, member } = tableWith([n1, n2])
    table.hearFacts(n3.facts(), 500)
    table.markDown(member(n1), 100)
    expect(table.forget(1099, 1000)).to.deep.equal([])
    expect(table.forget(1100, 1000).map(({ view }) => view.id)).to.deep.equal([n1.id])
    expect([table.size, table.byId(n1.id), table.idOf(n3.handle)]).to.deep.equal([1, undefined, n3.id])
    expect(table.views(1100).map(({ id }) => id)).to.deep.equal([n2.id])
    table.forget(1500, 1000)
    expect(table.idOf(n3.handle)).to.equal(undefined)
  })

  it('finds those that have said nothing for long', () => {
    const { table, member } = tableWith([n1, n2, n3])
    table.hearVitals(n2.vitals({ version: 2 }), 600, 700)
    table.markDown(member(n3), 0)
    expect(table.silent(1000, 1000).map(({ view }) => view.id)).to.deep.equal([n1.id])
    expect(table.silent(1599, 1000)).to.have.lengthOf(1)
    expect(table.silent(1600, 1000)).to.have.lengthOf(2)
  })

  it('counts and finds those that are up', () => {
    const { table, member } = tableWith([n1, n2, createSpeaker('n4', 'acme/lyon/r8')])
    table.markDown(member(n2), 0)
    expect([table.count('up'), table.count('down')]).to.deep.equal([2, 1])
    expect(table.upIn('acme/lyon/r7').map(({ view }) => view.id)).to.deep.equal([n1.id])
  })
})

describe('the views of a table', () => {
  it('stand in the order of their names, numbers by their value, then of their ids', () => {
    const { table } = tableWith([])
    const named = (name: string, speaker: Speaker): void => {
      table.hearFacts(speaker.facts({}, { name }), 0)
      table.hearVitals(speaker.vitals(), 0, 0)
    }
    for (const name of ['n10', 'n9', 'n1', 'm2']) named(name, createSpeaker(name))
    named('n9', n3)
    const names = table.views(0).map(({ name }) => name)
    expect(names).to.deep.equal(['m2', 'n1', 'n9', 'n9', 'n10'])
    const twins = table.views(0).filter(({ name }) => name === 'n9').map(({ id }) => id)
    expect(twins).to.deep.equal(twins.toSorted())
    table.hearFacts(n3.facts({ version: 1 }, { name: 'a1' }), 0)
    expect(table.views(0)[0]?.id).to.equal(n3.id)
  })

  it('bear the age of what was said, which never grows by what was said later', () => {
    const { table } = tableWith([n1])
    const ageMs = (nowMs: number): number => (table.view(n1.id, nowMs) as NodeView).ageMs
    expect([ageMs(0), ageMs(700)]).to.deep.equal([0, 700])
    table.hearVitals(n1.vitals({ version: 2 }), 650, 700)
    expect([ageMs(700), ageMs(1000)]).to.deep.equal([50, 350])
    table.hearVitals(n1.vitals({ version: 3 }), -1e300, 1000)
    expect(ageMs(1000)).to.equal(350)
    table.hearVitals(n1.vitals({ version: 4 }), 1100, 1000)
    expect(ageMs(1000)).to.equal(0)
    expect(table.view(n2.id, 0)).to.equal(undefined)
  })
})

describe('an accusation', () => {
  it('makes a node suspected, once for each that accuses, until the node has said something', () => {
    const { table, member } = tableWith([n1, n2, n3])
    const last = member(n1).vitals
    expect(table.hearAccusation(n2.accuse(last), 100)).to.equal(true)
    expect(table.hearAccusation(n2.accuse(last), 200)).to.equal(false)
    expect(table.hearAccusation(n3.accuse(last), 300)).to.equal(true)
    expect(member(n1)).to.include({ accusedMs: 100 }).and.have.nested.property('accusations.size', 2)
    expect(member(n1).view).to.include({ state: 'up', suspected: true })
    table.hearVitals(n1.vitals({ version: 2 }), 400, 400)
    expect(member(n1).accusations.size).to.equal(0)
    expect(member(n1).view.suspected).to.equal(undefined)
    expect(table.hearAccusation(n2.accuse(member(n1).vitals), 500)).to.equal(true)
    expect(member(n1).accusedMs).to.equal(500)
  })

  it('is void where the node has said something later, is down, or is not known', () => {
    const { table, member } = tableWith([n1, n2])
    const last = member(n1).vitals
    table.hearVitals(n1.vitals({ version: 2 }), 0, 0)
    expect(table.hearAccusation(n2.accuse(last), 0)).to.equal(false)
    table.markDown(member(n1), 0)
    expect(table.hearAccusation(n2.accuse(member(n1).vitals), 0)).to.equal(false)
    expect(table.hearAccusation(n2.accuse(n3.vitals()), 0)).to.equal(false)
  })

  it('is settled when the node is held to be down', () => {
    const { table, member } = tableWith([n1, n2])
    table.hearAccusation(n2.accuse(member(n1).vitals), 0)
    table.markDown(member(n1), 0)
    expect(member(n1).view).to.include({ state: 'down', suspected: undefined })
  })
})

describe('a node that is lost again and again', () => {
  /** One that was just lost for the third time within minutes, at time 0. */
  function flapping () {
    const { table, member } = tableWith([n1])
    for (let version = 2; version < 4; version++) {
      table.markDown(member(n1), 0)
      table.hearVitals(n1.vitals({ version }), 0, 0)
    }
    table.markDown(member(n1), 0)
    const hear = (nowMs: number, version: number, incarnation = 1): string =>
      table.hearVitals(n1.vitals({ incarnation, version }, vitalsOf()), nowMs, nowMs)
    const mayReturn = (nowMs: number): boolean => table.mayReturn(member(n1), nowMs)
    return { table, member, hear, mayReturn }
  }

  it('is believed at once the first two times', () => {
    const { table, member } = tableWith([n1])
    for (const version of [2, 3]) {
      table.markDown(member(n1), 0)
      expect(table.hearVitals(n1.vitals({ version }), 0, 0)).to.equal('returned')
    }
  })

  it('counts as down until it has been heard for long enough', () => {
    const { member, hear, mayReturn, table } = flapping()
    expect(mayReturn(0)).to.equal(true)
    const backInMs = (nowMs: number): number | undefined => table.view(member(n1).view.id, nowMs)?.backInMs
    expect(backInMs(0)).to.equal(undefined)
    expect(hear(1000, 10)).to.equal('damped')
    expect([backInMs(1000), backInMs(15_999), backInMs(16_000)]).to.deep.equal([15_000, 1, undefined])
    expect([mayReturn(1000), mayReturn(15_999), mayReturn(16_000)]).to.deep.equal([false, false, true])
    expect(hear(10_000, 11)).to.equal('damped')
    expect(member(n1).view).to.include({ state: 'down' })
    expect(member(n1).vitals.stamp.version).to.equal(11)
    expect(hear(16_000, 12)).to.equal('returned')
    expect(mayReturn(16_000)).to.equal(false)
  })

  it('waits anew, and longer, where it was started again meanwhile', () => {
    const { hear } = flapping()
    expect(hear(1000, 10)).to.equal('damped')
    expect(hear(10_000, 0, 2)).to.equal('damped')
    expect(hear(39_999, 1, 2)).to.equal('damped')
    expect(hear(40_000, 2, 2)).to.equal('returned')
  })

  it('is not waited for where it took leave', () => {
    const { table, member, mayReturn } = flapping()
    table.hearVitals(n1.vitals({ version: 10 }, { leaving: true }), 0, 0)
    expect(mayReturn(1e9)).to.equal(false)
    expect(member(n1).view.state).to.equal('down')
  })
})
