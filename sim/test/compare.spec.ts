import { expect } from 'chai'
import { compareOutcomes, formatComparison } from '../src/compare.ts'

const SIMULATED = {
  figures: { joinedSeconds: 1, noticedSeconds: 3, refused: 0 }, objects: { 'sim/a/r1': 300, 'sim/a/r2': 100 }
}
const REAL = {
  figures: { joinedSeconds: 1.1, noticedSeconds: 4, refused: 2 }, objects: { 'sim/a/r1': 200, 'sim/b/r1': 200 }
}

describe('a comparison of both worlds', () => {
  const rows = compareOutcomes(SIMULATED, REAL)
  const rowOf = (what: string) => rows.find(row => row.what.includes(what))

  it('marks what differs by more than a fifth, either way', () => {
    const joined = rowOf('after the last had joined')
    expect(joined).to.include({ differs: false }).and.have.property('ratio').closeTo(0.91, 0.01)
    expect(rowOf('knew of a loss')).to.include({ ratio: 0.75, differs: true })
  })

  it('has shares of objects by site and rack, of all that either world used', () => {
    const shares = rows.filter(({ what }) => what.startsWith('share')).map(({ what, simulated, real }) =>
      [what.split(' ').at(-1), simulated, real])
    expect(shares).to.deep.equal([
      ['sim/a', 1, 0.5], ['sim/a/r1', 0.75, 0.5], ['sim/a/r2', 0.25, 0], ['sim/b', 0, 0.5], ['sim/b/r1', 0, 0.5]
    ])
  })

  it('takes nothing by nothing for the same, and divides by nothing nowhere', () => {
    expect(rowOf('objects refused')).to.include({ ratio: 0, differs: true })
    expect(rowOf('share of objects in sim/a/r2')).to.include({ ratio: undefined, differs: true })
    expect(compareOutcomes(SIMULATED, SIMULATED).some(({ differs }) => differs)).to.equal(false)
  })

  it('marks no seconds that cannot be told apart, and no shares that chance explains', () => {
    const one = { figures: { joinedSeconds: 0.1 }, objects: { 'sim/a/r1': 3, 'sim/b/r1': 1 } }
    const other = { figures: { joinedSeconds: 0.5 }, objects: { 'sim/a/r1': 2, 'sim/b/r1': 2 } }
    expect(compareOutcomes(one, other).map(({ differs }) => differs)).to.deep.equal([false, false, false, false, false])
  })

  it('leaves out what one of them did not come to', () => {
    expect(compareOutcomes(SIMULATED, { figures: {}, objects: {} }).map(({ real }) => real)).to.deep.equal([0, 0, 0])
  })

  it('is a table for people', () => {
    const [head, first] = formatComparison(rows).split('\n')
    expect(head).to.match(/^ +simulated +real +ratio$/)
    expect(first).to.match(/^seconds to the full view, after the last had joined +1 +1\.1 +0\.91$/)
  })
})
