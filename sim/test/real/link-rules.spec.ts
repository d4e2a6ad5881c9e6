import { checkLinkTable, linksOf } from '@welkin/links'
import { expect } from 'chai'
import { LinkFaults, cutOff } from '../../src/faults/link-faults.ts'
import { tableOf } from '../../src/real/link-rules.ts'
import { grid } from '../../src/topology/grid.ts'

const PLACES = grid({ sites: 2, racks: 1, nodes: 4 })
const BASE = checkLinkTable({ profile: 'wan', seed: 'x', rules: [{ from: 'n1', to: 'n2', latencyMs: 80 }] })
const placeOf = (name: string) => PLACES.find(place => place.name === name)

describe('the table of changed links', () => {
  let table = BASE
  const links = new LinkFaults({ useLinks: now => { table = tableOf(now, BASE, PLACES) } }, linksOf(BASE, placeOf))

  beforeEach(() => { table = BASE })

  it('says the same as the links do, and no more than what has changed', () => {
    const isHit = (from: string, to: string): boolean => from === 'n1' && to !== 'n1'
    const mend = links.add({ covers: isHit, change: cutOff })
    const degrade = links.add({
      covers: isHit, change: quality => ({ ...quality, latencyMs: quality.latencyMs + 7, lossRatio: 0.1 })
    })
    expect(table.rules).to.have.lengthOf(4)
    const now = linksOf(checkLinkTable(JSON.parse(JSON.stringify(table))), placeOf)
    const before = linksOf(BASE, placeOf)
    expect(now('n1', 'n2')).to.deep.equal({ ...before('n1', 'n2'), cut: true, latencyMs: 87, lossRatio: 0.1 })
    expect(now('n2', 'n1')).to.deep.equal(before('n2', 'n1'))
    mend()
    expect(table.rules.some(({ cut }) => cut === true)).to.equal(false)
    degrade()
    expect(table).to.deep.equal(BASE)
  })
})
