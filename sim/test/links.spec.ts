import { expect } from 'chai'
import { changeLink, checkLinkTable, clearLink, generateLinks, linksOf, type LinkTable } from '@welkin/links'
import { runScenario } from '../src/run.ts'
import { rackPowerCut } from '../src/scenarios/rack-power-cut.ts'
import { seesTheTruth } from '../src/checkers/convergence.ts'
import { grid } from '../src/topology/grid.ts'
import { VirtualCloud } from '../src/virtual-cloud.ts'

/** The table of a real cloud of twelve daemons, whose ids are none of the simulator's. */
function realTable (): LinkTable {
  const places = grid({ sites: 3, racks: 2, nodes: 12 }).map(({ name, zone }) =>
    [`12D3Koo${name}`, { name, zone: zone.replace('sim', 'local') }])
  return checkLinkTable({
    profile: 'wan',
    seed: 'x',
    zones: { rack: { latencyMs: 0.2 } },
    matrix: { nodes: ['n1', 'n5'], rttMs: [[0, 42], [44, 0]] },
    rules: [{ from: 'local/s1', to: 'n7', both: true, lossRatio: 0.02 }, { from: 'n3', to: 'local/s3/r1', cut: true }],
    places: Object.fromEntries(places)
  })
}

describe('A table of links', () => {
  it('gives virtual nodes the links that it gives real ones', () => {
    const table = realTable()
    const real = linksOf(table)
    const places = Object.entries(table.places)
    const cloud = new VirtualCloud({ seed: 1, places: places.map(([, place]) => place) })
    cloud.useLinks(table)
    for (const [from, here] of places) {
      for (const [to, there] of places) {
        if (from === to) continue
        expect(cloud.network.linkBetween(here.name, there.name), `${here.name} to ${there.name}`)
          .to.deep.equal(real(from, to))
      }
    }
    expect(cloud.network.isCut('n3', 'n5')).to.equal(true)
  })

  it('brings the places of its nodes into a scenario', async () => {
    const table = realTable()
    const options = { seed: 'links', links: clearLink(table, { from: 'n3', to: 'local/s3/r1' }) }
    const { nodes, faults } = await runScenario(rackPowerCut, options)
    expect({ nodes, faults }).to.deep.equal({ nodes: 12, faults: [] })
  }).timeout(60_000)

  it('may change while the cloud runs', async () => {
    const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 2, racks: 1, nodes: 4 }) })
    const wan = checkLinkTable({ profile: 'wan' })
    const ends = { from: 'sim/s1', to: 'sim/s2' }
    cloud.useLinks(wan)
    await cloud.timeline.until((async () => {
      await cloud.start('n1')
      for (const name of ['n2', 'n3', 'n4']) await cloud.start(name, ['n1'])
      const whole = (): boolean => seesTheTruth(cloud)
      const halved = (): boolean => cloud.nodes().every(({ membership }) =>
        membership.nodes().filter(({ state }) => state === 'up').length === 2)
      expect(await cloud.until(whole, { timeoutMs: 60_000 }), 'all have joined').to.be.a('number')
      cloud.useLinks(changeLink(wan, ends, { cut: true }))
      expect(await cloud.until(halved, { timeoutMs: 60_000 }), 'the sites have lost each other').to.be.a('number')
      cloud.useLinks(wan)
      expect(await cloud.until(whole, { timeoutMs: 120_000 }), 'they have met again').to.be.a('number')
    })())
  })
})

describe('Generated links', () => {
  it('drift with the time of the cloud', async () => {
    const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 2, racks: 1, nodes: 2 }) })
    cloud.network.useLinks(generateLinks({
      zoneOf: name => cloud.zoneOf(name), nowMs: () => cloud.timeline.nowMs
    }))
    const { latencyMs } = cloud.network.linkBetween('n1', 'n2')
    await cloud.timeline.runUntil(100_000)
    expect(cloud.network.linkBetween('n1', 'n2').latencyMs).to.not.equal(latencyMs)
  })
})
