import { expect } from 'chai'
import type { NodeId } from '@welkin/interface'
import { seesTheTruth, type VirtualCloud } from '@welkin/sim'
import { eventsOf, inCloud, knowsAll } from './in-cloud.ts'

const LOSSES = ['nodeSuspected', 'nodeDown', 'zoneDown', 'nodeReturned'] as const
/** With the options of these stories: a round of probes, the helpers, the suspicion, and its way through the site. */
const POWER_CUT_MS_MAX = 5000
const CRASH_MS_MAX = 2500

/** Milliseconds until all that run agree with what is; undefined: they do not. */
async function untilAllSee (cloud: VirtualCloud): Promise<number | undefined> {
  return await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 30_000 })
}

/** How often each of these events was told, by all that run together. */
function tally (events: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const event of events) counts[event] = (counts[event] ?? 0) + 1
  return counts
}

function cutBothWays (cloud: VirtualCloud, a: NodeId, b: NodeId): void {
  cloud.network.cut(a, b)
  cloud.network.cut(b, a)
}

function othersThan (cloud: VirtualCloud, name: NodeId): NodeId[] {
  return cloud.places.map(place => place.name).filter(other => other !== name)
}

describe('a node that loses power', () => {
  it('is down for all of its site in time, and each tells so once, and of nobody else', async () => {
    await inCloud({ nodes: 20, racks: 4 }, async cloud => {
      cloud.powerOff('n7')
      expect(await untilAllSee(cloud)).to.be.within(1000, POWER_CUT_MS_MAX)
      await cloud.pass(10_000)
      expect(tally(eventsOf(cloud, ...LOSSES))).to.deep.equal({ 'nodeSuspected n7': 19, 'nodeDown n7': 19 })
    })
  })

  it('is told from one that crashes, which is noticed sooner', async () => {
    await inCloud({ nodes: 20, racks: 4 }, async cloud => {
      cloud.crash('n7')
      expect(await untilAllSee(cloud)).to.be.within(1000, CRASH_MS_MAX)
      await cloud.pass(10_000)
      expect(tally(eventsOf(cloud, ...LOSSES))).to.deep.equal({ 'nodeSuspected n7': 19, 'nodeDown n7': 19 })
    })
  })

  it('is found by the one that is left', async () => {
    await inCloud({ nodes: 3 }, async cloud => {
      cloud.powerOff('n2')
      cloud.powerOff('n3')
      expect(await untilAllSee(cloud)).to.be.within(1000, 20_000)
    })
  })
})

describe('a rack that loses power', () => {
  for (const seed of ['rack 1', 'rack 2', 'rack 3']) {
    it(`is one event for each of the others (${seed})`, async () => {
      await inCloud({ nodes: 40, racks: 4, seed }, async cloud => {
        for (const name of cloud.namesIn('sim/s1/r2')) cloud.powerOff(name)
        expect(await untilAllSee(cloud)).to.be.within(1000, 2 * POWER_CUT_MS_MAX)
        await cloud.pass(5000)
        expect(tally(eventsOf(cloud, 'nodeDown', 'zoneDown'))).to.deep.equal({ 'zoneDown sim/s1/r2': 30 })
      })
    })
  }

  it('is as many events as there are nodes where one of its nodes is left', async () => {
    await inCloud({ nodes: 20, racks: 4 }, async cloud => {
      const [left, ...lost] = cloud.namesIn('sim/s1/r2') as [NodeId, ...NodeId[]]
      for (const name of lost) cloud.powerOff(name)
      await untilAllSee(cloud)
      await cloud.pass(5000)
      expect(tally(eventsOf(cloud, 'nodeDown', 'zoneDown')))
        .to.deep.equal(Object.fromEntries(lost.map(name => [`nodeDown ${name}`, 16])))
      expect(cloud.node('n1')?.membership.node(left)?.state).to.equal('up')
    })
  })
})

describe('a node that stands still for a moment', () => {
  it('is suspected, denies it, and is never held to be down, nor holds others to be down', async () => {
    let suspected = 0
    for (const seed of ['pause 1', 'pause 2', 'pause 3', 'pause 4']) {
      await inCloud({ nodes: 12, racks: 3, seed }, async cloud => {
        await cloud.pass(5000)
        cloud.pause('n7')
        await cloud.pass(1300)
        cloud.resume('n7')
        await cloud.pass(15_000)
        const told = tally(eventsOf(cloud, ...LOSSES))
        suspected += told['nodeSuspected n7'] ?? 0
        expect(Object.keys(told)).to.be.an('array').that.satisfies((events: string[]) =>
          events.every(event => event === 'nodeSuspected n7'), JSON.stringify(told))
        expect(cloud.nodes().flatMap(({ membership }) => membership.nodes()).filter(view => view.suspected))
          .to.deep.equal([])
      })
    }
    expect(suspected).to.be.above(0)
  })

  it('for too long is down, and up again when it goes on, and has lost nobody', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      await cloud.pass(5000)
      cloud.pause('n7')
      await cloud.pass(15_000)
      expect(cloud.node('n1')?.membership.node('n7')?.state).to.equal('down')
      cloud.resume('n7')
      expect(await untilAllSee(cloud)).to.be.below(3000)
      await cloud.pass(15_000)
      expect(tally(eventsOf(cloud, 'nodeDown', 'nodeReturned')))
        .to.deep.equal({ 'nodeDown n7': 11, 'nodeReturned n7': 11 })
    })
  })
})

describe('a node that is half connected', () => {
  it('is held to be down by nobody, whoever of the others it does not get through to', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      cutBothWays(cloud, 'n1', 'n2')
      cutBothWays(cloud, 'n3', 'n4')
      cutBothWays(cloud, 'n3', 'n5')
      await cloud.pass(60_000)
      expect(eventsOf(cloud, ...LOSSES)).to.deep.equal([])
    })
  })

  it('in one direction is held to be down by nobody either', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      for (const [from, to] of [['n1', 'n2'], ['n4', 'n3'], ['n5', 'n3'], ['n7', 'n8']] as const) {
        cloud.network.cut(from, to)
      }
      await cloud.pass(60_000)
      expect(eventsOf(cloud, ...LOSSES)).to.deep.equal([])
    })
  })

  it('to one other alone makes nobody doubt anyone but itself', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      for (const other of othersThan(cloud, 'n9')) if (other !== 'n8') cutBothWays(cloud, 'n9', other)
      await cloud.pass(60_000)
      const about = eventsOf(cloud, ...LOSSES).map(event => event.split(' ')[1])
      expect(new Set(about)).to.deep.equal(new Set(['n9']))
    })
  })

  it('that is heard by nobody, though it hears all, is down for the others, and comes back', async () => {
    await inCloud({ nodes: 8 }, async cloud => {
      for (const other of othersThan(cloud, 'n5')) cloud.network.cut('n5', other)
      expect(await cloud.until(() => othersThan(cloud, 'n5').every(name =>
        cloud.node(name)?.membership.node('n5')?.state === 'down'), { timeoutMs: 10_000 })).to.be.within(1000, 10_000)
      const others = cloud.nodes().filter(({ id }) => id !== 'n5')
      expect(others.every(({ membership }) => membership.nodes().filter(({ state }) => state === 'up').length === 7))
        .to.equal(true)
      cloud.network.heal()
      await knowsAll(cloud)
    })
  })
})

describe('a node that comes and goes', () => {
  it('makes nobody doubt anyone else, and is not told of each time', async () => {
    await inCloud({ nodes: 12, racks: 3 }, async cloud => {
      for (let i = 0; i < 10; i++) {
        cloud.powerOff('n9')
        await cloud.pass(10_000)
        await cloud.start('n9')
        await cloud.pass(10_000)
      }
      const told = tally(cloud.nodes().filter(({ id }) => id !== 'n9').flatMap(({ events }) => events.recent())
        .filter(({ type }) => LOSSES.includes(type as typeof LOSSES[number]))
        .map(({ type, fields: { about } }) => `${type} ${String(about)}`))
      expect(told).to.deep.equal({ 'nodeSuspected n9': 33, 'nodeDown n9': 33, 'nodeReturned n9': 22 })
      expect(await untilAllSee(cloud)).to.equal(undefined)
    })
  })

  it('counts as up when it has stayed for long enough', async () => {
    await inCloud({ nodes: 6 }, async cloud => {
      const state = (): string | undefined => cloud.node('n1')?.membership.node('n3')?.state
      for (let i = 0; i < 3; i++) {
        cloud.powerOff('n3')
        await cloud.pass(8000)
        expect(state()).to.equal('down')
        await cloud.start('n3')
        await cloud.pass(8000)
      }
      expect(state()).to.equal('down')
      expect(await cloud.node('n3')?.membership.everyone()).to.have.property('nodes').with.lengthOf(6)
      expect(await untilAllSee(cloud)).to.be.within(5000, 12_000)
    })
  })
})
