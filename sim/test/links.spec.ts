import { expect } from 'chai'
import { changeLink, checkLinkTable, generateLinks, linksOf, type LinkTable, type Place } from '@welkin/links'
import { seesTheTruth } from '../src/checkers/convergence.ts'
import { layoutOf, runScenario } from '../src/run.ts'
import { withContents } from '../src/scenario/contents.ts'
import { parseScenario } from '../src/scenario/parse.ts'
import { checkScenario } from '../src/scenario/schema.ts'
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
    const look = checkScenario({ name: 'look', about: 'Looks where the nodes stand.' }, 'look')
    const places = (options: object): readonly Place[] => layoutOf(look, options).places
    const inSite = (options: object): number => places(options).filter(({ zone }) => zone.startsWith('local/s1')).length
    expect(places({ links: realTable() })).to.have.lengthOf(12)
    expect(inSite({ links: realTable() })).to.equal(4)
    expect(places({ links: realTable(), nodes: 6 })).to.have.lengthOf(6)
    expect(inSite({ links: realTable(), nodes: 6 })).to.equal(2)
    expect(places({ links: checkLinkTable({}), nodes: 6 })).to.have.lengthOf(6)
    expect(inSite({ links: checkLinkTable({}), nodes: 6 })).to.equal(0)
  })

  it('may change while the cloud runs', async () => {
    const cloud = new VirtualCloud({ seed: 1, places: grid({ sites: 1, racks: 3, nodes: 3 }) })
    const slow = checkLinkTable({ zones: { site: { latencyMs: 20 } } })
    const torn = [{ from: 'sim/s1', to: 'n3' }, { from: 'n3', to: 'sim/s1' }]
      .reduce((table, ends) => changeLink(table, ends, { cut: true }), slow)
    const isWhole = (): boolean => seesTheTruth(cloud)
    const isTorn = (): boolean => ['n1', 'n2'].every(name =>
      cloud.node(name)?.membership.nodes().find(({ id }) => id === 'n3')?.state === 'down')
    cloud.useLinks(slow)
    await cloud.timeline.until((async () => {
      await cloud.start('n1')
      for (const name of ['n2', 'n3']) await cloud.start(name, ['n1'])
      expect(await cloud.until(isWhole, { timeoutMs: 60_000 }), 'all have joined').to.be.a('number')
      cloud.useLinks(torn)
      expect(await cloud.until(isTorn, { timeoutMs: 120_000 }), 'the others have lost n3').to.be.a('number')
      cloud.useLinks(slow)
      expect(await cloud.until(isWhole, { timeoutMs: 120_000 }), 'they have met again').to.be.a('number')
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

describe('A matrix that a scenario names', () => {
  const rows = '0 10 20 30\n11 0 40 50\n21 41 0 60\n31 51 61 0'
  const links = 'links: { profile: datacenter, matrix: rtt.txt, rules: [{ from: n1, to: n3, lossRatio: 0.1 }] }'
  const latencies = async (topology: string): Promise<unknown[]> => {
    const text = `{ name: mine, about: x, until: 1s, topology: { ${topology}, ${links} } }`
    const scenario = await withContents(parseScenario(text, 'mine'), async () => rows)
    const told: unknown[] = []
    const { report } = await runScenario(scenario, {
      seed: '1',
      onBegin: ({ network }) => {
        told.push(...['n2', 'n3', 'n4'].map(to => network.linkBetween('n1', to).latencyMs))
        told.push(network.linkBetween('n1', 'n3').lossRatio)
      }
    })
    expect(report.broken).to.deep.equal([])
    return told
  }

  it('has a row for each node, or for each site where it has fewer', async () => {
    expect(await latencies('nodes: 4')).to.deep.equal([5, 10, 15, 0.1])
    expect(await latencies('sites: 3, nodes: 2')).to.deep.equal([5, 10, 0.1, 0.1])
  })

  it('is refused where it has too few for either', async () => {
    const error = await latencies('sites: 5').catch((caught: Error) => caught)
    expect(error).to.be.an('error').with.property('message')
      .that.includes('4 places, and the cloud 15 nodes in 5 sites; take fewer sites')
  })
})
