import { expect } from 'chai'
import { changeLink, checkLinkTable, clearLink, IDEAL, linksOf, type LinkQuality } from '../src/index.ts'

const places = {
  a: { name: 'n1', zone: 'acme/lyon/r1' },
  b: { name: 'n2', zone: 'acme/lyon/r1' },
  c: { name: 'n3', zone: 'acme/lyon/r2' },
  d: { name: 'n4', zone: 'acme/oslo/r1' }
}

function between (from: string, to: string, table: object): LinkQuality {
  return linksOf(checkLinkTable({ places, ...table }))(from, to)
}

describe('The links of a table', () => {
  it('are those of its profile', () => {
    const latencies = (profile: string): number[] => ['b', 'c', 'd'].map(to => between('a', to, { profile }).latencyMs)
    expect(latencies('lan')).to.deep.equal([0.1, 0.3, 0.5])
    expect(latencies('datacenter')).to.deep.equal([0.1, 0.3, 15])
    const [rack, site, cloud] = latencies('wan')
    expect([rack, site]).to.deep.equal([0.1, 0.3])
    expect(cloud).to.be.within(10, 120)
  })

  it('follow from the seed where they are drawn', () => {
    const latencyMs = (seed: string): number => between('a', 'd', { profile: 'wan', seed }).latencyMs
    expect(latencyMs('x')).to.equal(latencyMs('x'))
    expect(latencyMs('x')).to.not.equal(latencyMs('y'))
  })

  it('are changed by what two zones have in common', () => {
    const zones = { cloud: { latencyMs: 80 }, rack: { lossRatio: 0.1 } }
    expect(between('a', 'd', { zones })).to.include({ latencyMs: 80, lossRatio: 0 })
    expect(between('a', 'b', { zones })).to.include({ latencyMs: 0.1, lossRatio: 0.1 })
  })

  it('are measured ones between the nodes that a matrix has', () => {
    const matrix = { nodes: ['n4', 'n1'], rttMs: [[0, 30], [50, 0]] }
    expect(between('a', 'd', { matrix }).latencyMs).to.equal(25)
    expect(between('d', 'a', { matrix }).latencyMs).to.equal(15)
    expect(between('a', 'b', { matrix }).latencyMs).to.equal(0.1)
  })

  it('are measured ones between the sites that a matrix has, and unchanged within each', () => {
    const matrix = { nodes: ['acme/lyon', 'acme/oslo'], rttMs: [[0, 30], [50, 0]] }
    expect([['a', 'd'], ['d', 'c'], ['a', 'b'], ['a', 'c']].map(([from = '', to = '']) =>
      between(from, to, { matrix }).latencyMs)).to.deep.equal([15, 25, 0.1, 0.3])
  })

  it('are changed by the rules that speak of them, and later ones win', () => {
    const rules = [
      { from: 'acme', to: 'acme/oslo', latencyMs: 70, lossRatio: 0.01 },
      { from: 'n1', to: 'n4', latencyMs: 90, cut: true },
      { from: 'acme/lyon/r1', to: 'n4', cut: false }
    ]
    expect(between('a', 'd', { rules })).to.include({ latencyMs: 90, lossRatio: 0.01, cut: false })
    expect(between('c', 'd', { rules })).to.include({ latencyMs: 70 }).and.not.to.have.property('cut')
    expect(between('d', 'a', { rules }).latencyMs).to.equal(0.5)
  })

  it('are ideal to and from nodes that stand nowhere', () => {
    const rules = [{ from: 'acme', to: 'acme', cut: true }]
    expect(between('a', 'stranger', { rules })).to.equal(IDEAL)
    expect(between('stranger', 'a', { rules })).to.equal(IDEAL)
  })

  it('are asked of other places than its own, where those are given', () => {
    const links = linksOf(checkLinkTable({ profile: 'datacenter' }), name => ({ name, zone: `acme/${name}/r1` }))
    expect(links('n1', 'n2').latencyMs).to.equal(15)
  })
})

describe('A change of one link', () => {
  const table = checkLinkTable({
    rules: [{ from: 'n1', to: 'n2', latencyMs: 5 }, { from: 'acme', to: 'acme', jitterMs: 1 }]
  })

  it('keeps what it does not speak of, and wins over all others', () => {
    const { rules } = changeLink(table, { from: 'n1', to: 'n2' }, { cut: true })
    expect(rules).to.deep.equal([
      { from: 'acme', to: 'acme', jitterMs: 1 }, { from: 'n1', to: 'n2', latencyMs: 5, cut: true }
    ])
  })

  it('is of one way', () => {
    const { rules } = changeLink(table, { from: 'n2', to: 'n1' }, { cut: true })
    expect(rules).to.deep.equal([...table.rules, { from: 'n2', to: 'n1', cut: true }])
  })

  it('is taken back by clearing', () => {
    const changed = changeLink(table, { from: 'n2', to: 'n1' }, { cut: true })
    expect(clearLink(changed, { from: 'n2', to: 'n1' })).to.deep.equal(table)
  })
})
