import { expect } from 'chai'
import type { CloudView, NodeId, SiteSummary } from '@welkin/interface'
import type { Place } from '@welkin/links'
import { seesTheTruth, type VirtualCloud } from '@welkin/sim'
import { eventsOf, inCloud, inDarkCloud, knowsAll } from './in-cloud.ts'

const S2 = 'sim/s2'

/** So many nodes of a site: a1, a2, … */
function placesIn (site: string, letter: string, count: number): Place[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${letter}${i + 1}`, zone: `sim/${site}/r1` }))
}

async function everyone (cloud: VirtualCloud, name: NodeId): Promise<CloudView> {
  return await (cloud.node(name) as NonNullable<ReturnType<VirtualCloud['node']>>).membership.everyone()
}

function upIn ({ nodes }: CloudView): NodeId[] {
  return nodes.filter(({ state }) => state === 'up').map(({ id }) => id)
}

/** What any node has heard of a site. */
function heardOf (cloud: VirtualCloud, site: string): SiteSummary[] {
  return cloud.nodes().flatMap(({ membership }) => membership.sites()).filter(summary => summary.site === site)
}

/** Those that speak for a site, as far as the others have heard. */
function delegatesOf (cloud: VirtualCloud, site: string): NodeId[] {
  const latest = heardOf(cloud, site).toSorted((a, b) => a.ageMs - b.ageMs)[0]
  return (latest?.delegates ?? []).map(({ id }) => id)
}

describe('the sites of a cloud', () => {
  it('are known by their summaries to delegates, and to the others when they ask', async () => {
    await inCloud({ nodes: 24, sites: 3, slow: true }, async cloud => {
      await cloud.pass(20_000)
      const delegates = ['sim/s1', S2, 'sim/s3'].flatMap(site => delegatesOf(cloud, site))
      expect(delegates).to.have.lengthOf(9)
      for (let i = 0; i < 60; i++) {
        await cloud.pass(1000)
        for (const name of delegates) {
          const heard = cloud.node(name)?.membership.sites() ?? []
          expect(heard.map(({ up, down }) => [up, down]), name).to.deep.equal([[8, 0], [8, 0]])
          expect(Math.max(...heard.map(({ ageMs }) => ageMs))).to.be.below(11_000)
        }
      }
      for (const { name } of cloud.places) expect(upIn(await everyone(cloud, name))).to.have.lengthOf(24)
      expect(heardOf(cloud, S2)).to.have.lengthOf(16)
    })
  })

  it('cost a delegate no more messages where there are many of them', async () => {
    const rates: number[] = []
    for (const sites of [4, 16]) {
      await inCloud({ nodes: 2 * sites, sites }, async cloud => {
        await cloud.pass(20_000)
        const sent = (): number => cloud.places
          .reduce((sum, { name }) => sum + cloud.network.trafficOf(name).sentMessages, 0)
        const before = sent()
        await cloud.pass(30_000)
        rates.push((sent() - before) / cloud.places.length / 30)
      })
    }
    expect((rates[1] as number) / (rates[0] as number)).to.be.below(1.4)
  })

  it('are known to whoever asks, though there are so many that each speaks but rarely', async () => {
    const nodeOptions = { resources: { summaryPaceMs: 2000 } }
    await inCloud({ nodes: 32, sites: 8, nodeOptions }, async cloud => {
      await cloud.pass(30_000)
      const heard = cloud.nodes().flatMap(({ membership }) => membership.sites())
      expect(Math.max(...heard.map(({ ageMs }) => ageMs))).to.be.above(10_000)
      for (const { id } of cloud.nodes()) expect(upIn(await everyone(cloud, id)), id).to.have.lengthOf(32)
    })
  })

  it('are found by many nodes that start at once through those of another, in one view', async () => {
    await inDarkCloud({ places: [...placesIn('s1', 'a', 5), ...placesIn('s2', 'b', 40)], slow: true }, async cloud => {
      await cloud.start('a1')
      for (const name of ['a2', 'a3', 'a4', 'a5']) await cloud.start(name, ['a1'])
      await cloud.pass(10_000)
      await Promise.all(Array.from({ length: 40 }, async (_, i) => {
        await cloud.start(`b${i + 1}`, [`a${1 + i % 5}`])
      }))
      expect(await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 20_000 })).to.be.below(10_000)
      await cloud.pass(10_000)
      expect(upIn(await everyone(cloud, 'a2'))).to.have.lengthOf(45)
      expect(upIn(await everyone(cloud, 'b33'))).to.have.lengthOf(45)
      expect(eventsOf(cloud, 'nodeSuspected', 'nodeDown')).to.deep.equal([])
    })
  })

  it('are joined through a node of another one, by a single node too', async () => {
    await inCloud({ places: [...placesIn('s1', 'a', 3), ...placesIn('s2', 'b', 1)] }, async cloud => {
      await cloud.pass(5000)
      expect(upIn(await everyone(cloud, 'b1'))).to.deep.equal(['a1', 'a2', 'a3', 'b1'])
      expect(upIn(await everyone(cloud, 'a3'))).to.deep.equal(['a1', 'a2', 'a3', 'b1'])
    })
  })
})

describe('two parts of a site with no way between them', () => {
  it('are one by the nodes of another site, which both reach', async () => {
    const places = [...placesIn('s1', 'a', 3), ...placesIn('s2', 'b', 3), ...placesIn('s2', 'c', 3)]
    await inDarkCloud({ places }, async cloud => {
      await cloud.start('a1')
      for (const name of ['a2', 'a3']) await cloud.start(name, ['a1'])
      cloud.network.partition([['b1', 'b2', 'b3'], ['c1', 'c2', 'c3']])
      for (const i of [1, 2, 3]) {
        await cloud.start(`b${i}`, ['a1'])
        await cloud.start(`c${i}`, ['a2'])
      }
      await cloud.pass(20_000)
      for (const name of ['b1', 'c1']) {
        expect(cloud.node(name)?.membership.nodes().map(({ id }) => id))
          .to.deep.equal(['b1', 'b2', 'b3', 'c1', 'c2', 'c3'])
      }
      cloud.network.heal()
      await knowsAll(cloud)
      expect(eventsOf(cloud, 'nodeDown', 'zoneDown')).to.deep.equal([])
    })
  })

  it('meet again by the contacts of another site, though they have forgotten each other', async () => {
    const places = [...placesIn('s1', 'a', 2), ...placesIn('s2', 'b', 2), ...placesIn('s2', 'c', 2)]
    await inCloud({ places, nodeOptions: { resources: { forgetMs: 10_000 } } }, async cloud => {
      await cloud.pass(5000)
      cloud.network.partition([['b1', 'b2'], ['c1', 'c2'], ['a1', 'a2']])
      await cloud.pass(40_000)
      expect(cloud.node('b1')?.membership.nodes()).to.have.lengthOf(2)
      cloud.network.heal()
      await knowsAll(cloud)
    })
  })
})

describe('the delegates of a site', () => {
  it('are followed by others when all are lost at once', async () => {
    await inCloud({ nodes: 24, sites: 3 }, async cloud => {
      await cloud.pass(10_000)
      const lost = delegatesOf(cloud, S2)
      expect(lost).to.have.lengthOf(3)
      for (const name of lost) cloud.powerOff(name)
      await cloud.pass(15_000)
      const next = delegatesOf(cloud, S2)
      expect(next).to.have.lengthOf(3).and.not.include.members([lost[0] as NodeId])
      for (const { id } of cloud.nodes()) expect(upIn(await everyone(cloud, id)), id).to.have.lengthOf(21)
      expect(eventsOf(cloud, 'zoneDown').filter(event => event === `zoneDown ${S2}`)).to.deep.equal([])
    })
  })

  it('are followed by others one after the other', async () => {
    await inCloud({ nodes: 18, sites: 3 }, async cloud => {
      for (let left = 5; left >= 2; left--) {
        await cloud.pass(10_000)
        cloud.powerOff(delegatesOf(cloud, S2)[0] as NodeId)
        await cloud.pass(10_000)
        expect(upIn(await everyone(cloud, 'n1'))).to.have.lengthOf(12 + left)
        expect(new Set(heardOf(cloud, S2).filter(({ ageMs }) => ageMs < 3000).map(({ up }) => up)))
          .to.deep.equal(new Set([left]))
      }
    })
  })
})

describe('a site that is gone', () => {
  it('is silent at first, then one event for each of the others, then forgotten', async () => {
    await inCloud({ nodes: 18, sites: 3, nodeOptions: { resources: { dialTimeoutMs: 1000 } } }, async cloud => {
      await cloud.pass(10_000)
      for (const name of cloud.namesIn(S2)) cloud.powerOff(name)
      await cloud.pass(2000)
      const partial = await everyone(cloud, 'n1')
      expect(partial.silent).to.deep.equal([S2])
      expect(partial.nodes).to.have.lengthOf(12)
      await cloud.pass(30_000)
      expect(eventsOf(cloud, 'zoneDown', 'nodeDown', 'nodeSuspected'))
        .to.deep.equal([`zoneDown ${S2}`, `zoneDown ${S2}`])
      expect(heardOf(cloud, S2)).to.deep.equal([])
      for (const { id } of cloud.nodes()) {
        expect(await everyone(cloud, id)).to.deep.include({ silent: [] }).and.have.property('nodes').with.lengthOf(12)
      }
      for (const name of cloud.namesIn(S2)) await cloud.start(name)
      await knowsAll(cloud)
    })
  })

  it('that is only cut off knows of itself alone, and is found again', async () => {
    await inCloud({ nodes: 12, sites: 2 }, async cloud => {
      await cloud.pass(10_000)
      cloud.network.partition([cloud.namesIn('sim/s1'), cloud.namesIn(S2)])
      await cloud.pass(60_000)
      expect(upIn(await everyone(cloud, 'n1'))).to.have.lengthOf(6)
      expect(upIn(await everyone(cloud, 'n2'))).to.have.lengthOf(6)
      expect(eventsOf(cloud, 'zoneDown')).to.have.members(['zoneDown sim/s1', `zoneDown ${S2}`])
      cloud.network.heal()
      await knowsAll(cloud)
    })
  })
})
