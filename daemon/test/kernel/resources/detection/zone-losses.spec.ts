import { expect } from 'chai'
import { ZoneLosses, type Loss, type Report } from '../../../../src/kernel/resources/detection/zone-losses.ts'

const RACK = 'acme/lyon/r7'
const loss = (name: string, zone = RACK): Loss => ({ id: `id-${name}`, name, zone })
const namesIn = (reports: Report[]): unknown[] => reports.map(report =>
  'node' in report ? report.node.name : [report.zone, report.nodes.map(({ name }) => name)])

/** Of each zone the nodes that are up, and how many of these are suspected. */
function losses ({ holdMs = 1000, doubtMs = 6000, up = 0, suspected = 0 } = {}) {
  const held = new ZoneLosses({ holdMs, doubtMs })
  const state = { up, suspected }
  const take = (nowMs: number): unknown[] => namesIn(held.take(nowMs, () => state.up, () => state.suspected))
  return { held, state, take }
}

describe('the losses of zones', () => {
  it('are one report where all of a zone went, and as many as there are nodes where some are left', () => {
    const gone = losses()
    for (const name of ['n1', 'n2', 'n3']) gone.held.add(loss(name), 0)
    gone.held.add(loss('n9', 'acme/lyon/r8'), 0)
    expect(gone.take(1000)).to.deep.equal([[RACK, ['n1', 'n2', 'n3']], 'n9'])

    const left = losses({ up: 1 })
    for (const name of ['n1', 'n2', 'n3']) left.held.add(loss(name), 0)
    expect(left.take(1000)).to.deep.equal(['n1', 'n2', 'n3'])
  })

  it('are held back for a while, each once', () => {
    const { held, take } = losses({ up: 1 })
    expect(held.dueMs).to.equal(undefined)
    held.add(loss('n1'), 100)
    held.add(loss('n2'), 900)
    expect(held.dueMs).to.equal(1100)
    expect(take(1099)).to.deep.equal([])
    expect(take(1100)).to.deep.equal(['n1', 'n2'])
    expect(take(9999)).to.deep.equal([])
    expect(held.dueMs).to.equal(undefined)
  })

  it('are held back for longer while others of the zone are suspected, and never due again at once', () => {
    const { held, state, take } = losses({ up: 2, suspected: 1 })
    held.add(loss('n1'), 0)
    for (let nowMs = 1000; nowMs < 6000; nowMs = held.dueMs as number) {
      expect(take(nowMs)).to.deep.equal([])
      expect(held.dueMs).to.be.above(nowMs)
    }
    expect(take(6000)).to.deep.equal(['n1'])

    held.add(loss('n2'), 10_000)
    expect(take(11_000)).to.deep.equal([])
    held.add(loss('n3'), 11_500)
    Object.assign(state, { up: 0, suspected: 0 })
    expect(take(12_000)).to.deep.equal([[RACK, ['n2', 'n3']]])
  })

  it('are told at once where nothing is to be held back', () => {
    const { held, take } = losses({ holdMs: 0, doubtMs: 0, up: 2, suspected: 2 })
    held.add(loss('n1'), 50)
    expect(held.dueMs).to.equal(50)
    expect(take(50)).to.deep.equal(['n1'])
  })

  it('are none where a node came back before they were told', () => {
    const { held, take } = losses()
    held.add(loss('n1'), 0)
    held.add(loss('n2'), 0)
    expect(held.retract('id-n1', RACK)).to.equal(true)
    expect(held.retract('id-n1', RACK)).to.equal(false)
    expect(held.retract('id-n2', 'acme/lyon/r8')).to.equal(false)
    expect(take(1000)).to.deep.equal(['n2'])
    held.add(loss('n3'), 2000)
    expect(held.retract('id-n3', RACK)).to.equal(true)
    expect(held.dueMs).to.equal(undefined)
  })
})
