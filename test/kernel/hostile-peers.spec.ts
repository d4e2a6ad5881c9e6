import { expect } from 'chai'
import { encode } from '@welkin/abi'
import { siteOf, type NodeId } from '@welkin/interface'
import type { LogEntry } from '@welkin/platform-virtual'
import {
  CLOUD_PROTOCOL, HostilePeer, openVitals, seesTheTruth, SITE_PROTOCOL, SUMMARIES_TOPIC, Voice, type VirtualCloud
} from '@welkin/sim'
import { eventsOf, inCloud, run, type CloudStory } from './in-cloud.ts'

const MALLORY = 'mallory'
const MAX = Number.MAX_SAFE_INTEGER

/** Tells `story` to a cloud and one who does not wish it well. */
async function inDanger (
  options: CloudStory, story: (cloud: VirtualCloud, mallory: HostilePeer, logged: readonly LogEntry[]) => Promise<void>
): Promise<void> {
  const idle = [{ name: MALLORY, zone: 'sim/s1/r1' }]
  await inCloud({ nodes: 8, idle, hostile: true, ...options }, async (cloud, logged) => {
    await story(cloud, HostilePeer.on(cloud, MALLORY), logged)
  })
}

/** Nobody of the cloud's own nodes was doubted, lost or seen to come back. */
function expectPeace (cloud: VirtualCloud): void {
  const own = cloud.nodes().map(({ id }) => id)
  const told = eventsOf(cloud, 'nodeSuspected', 'nodeDown', 'nodeReturned', 'nodeLeft', 'zoneDown')
  expect(told.filter(event => own.includes(event.split(' ')[1] as NodeId))).to.deep.equal([])
  for (const { id, membership } of cloud.nodes()) {
    const up = membership.nodes().filter(({ state }) => state === 'up').map(view => view.id)
    expect(up, id).to.include.members(own.filter(other => siteOf(cloud.zoneOf(other)) === membership.site))
  }
}

/** Who was named for nonsense. */
function named (logged: readonly LogEntry[]): Set<unknown> {
  return new Set(complaintsIn(logged).map(({ fields }) => fields['peer']))
}

function complaintsIn (logged: readonly LogEntry[]): LogEntry[] {
  return logged.filter(({ event }) => event === 'resources.nonsense_ignored')
}

/** What a node tells of all that it knows to a peer that is one of its site. */
async function statementsOf (mallory: HostilePeer, peer: NodeId): Promise<Uint8Array[]> {
  return await mallory.statementsOf(peer, [mallory.facts(), mallory.vitals()])
}

/** Of these, what is vitals of others. */
function vitalsAmong (statements: readonly Uint8Array[], mallory: Voice): Map<number, Uint8Array> {
  const vitals = new Map<number, Uint8Array>()
  for (const wire of statements) {
    const { subject } = openVitals(wire) ?? {}
    if (subject !== undefined && subject !== mallory.handle) vitals.set(subject, wire)
  }
  return vitals
}

describe('a peer that talks nonsense', () => {
  it('is refused, whatever it sends, and named in the log now and then', async () => {
    await inDanger({}, async (cloud, mallory, logged) => {
      const one = Uint8Array.of(1)
      const nested = new Uint8Array(3_000_000).fill(0x91)
      const messages = [
        new Uint8Array(), Uint8Array.of(0xc1), new Uint8Array(100_000), nested, new Uint8Array(4_000_000).fill(0xff),
        ...[7, 'x', {}, [], [9], [1], [1, 7, 7], [1, [one, -1], null], [2, 'x'], [3, 'sim/s1', [], 0, 1, one], [4, 7],
          [4, one], [1, [one], null]].map(message => encode(message))
      ]
      for (const message of messages) {
        expect(await mallory.send('n1', SITE_PROTOCOL, message)).to.equal('EPROTO')
        expect(await mallory.send('n1', CLOUD_PROTOCOL, message)).to.equal('EPROTO')
        mallory.gossip.publish(SUMMARIES_TOPIC, message)
      }
      await cloud.pass(10_000)
      expectPeace(cloud)
      expect(named(logged)).to.deep.equal(new Set([MALLORY]))
      expect(complaintsIn(logged).filter(({ node }) => node === 'n1').length).to.be.within(1, 3)
    })
  })

  it('is not told anything before it has said who it is', async () => {
    await inDanger({}, async (_cloud, mallory) => {
      expect(await mallory.send('n1', SITE_PROTOCOL, encode([1, [], new Uint8Array()]))).to.satisfy(
        ([news]: [unknown[]]) => news.length === 0)
    })
  })

  it('is taken up with no vitals that no node has', async () => {
    await inDanger({}, async (cloud, mallory, logged) => {
      const [nan, below, huge] = [[0, Number.NaN, 1, 1, 1, 1], [0, -1, 1, 1, 1, 1], [0, 1, 1, 1, 1, 2 ** 60]]
      for (const packed of [[], nan, below, huge, ['x'], [[[]]]]) {
        await mallory.tell('n1', [mallory.facts(), mallory.vitals({ packed })])
      }
      await mallory.tell('n2', [mallory.facts({ zone: 'sim/s9/r1' }), mallory.facts({ zone: 'No Zone' })])
      await cloud.pass(2000)
      expect(cloud.nodes().flatMap(({ membership }) => membership.node(MALLORY) ?? [])).to.deep.equal([])
      expectPeace(cloud)
      expect(named(logged)).to.deep.equal(new Set([MALLORY]))
    })
  })
})

describe('a peer that speaks for others', () => {
  it('is believed nothing, be it forged, old, or of an age that cannot be', async () => {
    await inDanger({}, async (cloud, mallory, logged) => {
      await cloud.pass(2000)
      const said = await statementsOf(mallory, 'n1')
      expect(said).to.have.lengthOf(2 * 9)
      await cloud.pass(20_000)
      for (const victim of ['n2', 'n3']) {
        const { handle } = new Voice(cloud.authority.keysOf(victim))
        const forged = [
          mallory.vitals({ subject: handle, incarnation: MAX, version: MAX, packed: [1, 0, 100, 0, 0, 1] }),
          mallory.vitals({ subject: handle, incarnation: MAX, version: MAX }),
          mallory.sign(['wkf1', MAX, MAX, { ...cloud.node('n1')?.membership.node(victim), zone: 'sim/s1/evil' }])
        ]
        for (const { id } of cloud.nodes()) {
          await mallory.tell(id, forged)
          await mallory.tell(id, said)
          await mallory.tell(id, said, 1e12)
        }
      }
      await cloud.pass(10_000)
      expectPeace(cloud)
      expect(cloud.node('n1')?.membership.node('n2')).to.include({ zone: 'sim/s1/r1', state: 'up' })
      for (const view of cloud.nodes().flatMap(({ membership }) => membership.nodes())) {
        expect(view.ageMs).to.be.within(0, 200_000)
      }
      expect(named(logged)).to.deep.equal(new Set([MALLORY]))
    })
  })

  it('cannot make a node say what all others refuse', async () => {
    await inDanger({}, async (cloud, mallory) => {
      await mallory.tell('n1', [mallory.facts(), mallory.vitals()])
      await cloud.pass(1000)
      const { handle } = new Voice(cloud.authority.keysOf('n2'))
      const pretended = mallory.vitals({ subject: handle, incarnation: MAX, version: MAX })
      for (const { id } of cloud.nodes()) await mallory.tell(id, [mallory.accusation(pretended)])
      expect(await mallory.send('n2', SITE_PROTOCOL, encode([4, pretended]))).to.equal('EPROTO')
      await cloud.pass(5000)
      await run(cloud.syscalls('n2'), ['sleep', '1000'], { on: 'n2' })
      await cloud.pass(5000)
      expect(cloud.node('n5')?.membership.node('n2')?.load.objects).to.equal(1)
      expectPeace(cloud)
    })
  })
})

describe('a member that accuses others', () => {
  // With half of all seeds one node of thirty missed a denial once, before it asked others for it.
  for (const seed of ['kernel', 'a', 'd', 'h']) {
    it(`is denied by each of them, and named where it does not watch them (${seed})`, async () => {
      await inDanger({ nodes: 30, seed }, async (cloud, mallory, logged) => {
        mallory.serve(SITE_PROTOCOL, () => [[], 0])
        for (let round = 0; round < 10; round++) {
          const said = vitalsAmong(await statementsOf(mallory, 'n1'), mallory)
          const accusations = [...said.values()].map(wire => mallory.accusation(wire))
          await mallory.tell(`n${1 + round}`, accusations)
          await cloud.pass(1000)
        }
        await cloud.pass(10_000)
        expect(eventsOf(cloud, 'nodeDown', 'zoneDown')).to.deep.equal([])
        expect(cloud.nodes().flatMap(({ membership }) => membership.nodes()).filter(({ state }) => state === 'down'))
          .to.deep.equal([])
        expect(named(logged)).to.deep.equal(new Set([MALLORY]))
      })
    })
  }

  it('keeps none from finding who is down', async () => {
    await inDanger({}, async (cloud, mallory) => {
      mallory.serve(SITE_PROTOCOL, () => [true])
      await mallory.tell('n1', [mallory.facts(), mallory.vitals()])
      cloud.powerOff('n3')
      expect(await cloud.until(() => cloud.nodes().every(({ membership }) =>
        membership.node('n3')?.state === 'down'), { timeoutMs: 30_000 })).to.be.below(30_000)
    })
  })
})

describe('ten thousand nodes that are not there', () => {
  it('take no more room than there is, are found out, and harm none that are', async () => {
    const nodeOptions = { resources: { nodesMax: 100, forgetMs: 30_000 } }
    const idle = [MALLORY, 'late'].map(name => ({ name, zone: 'sim/s1/r1' }))
    await inDanger({ nodeOptions, idle }, async (cloud, mallory) => {
      const voices = Array.from({ length: 10_000 }, (_, i) => new Voice(cloud.authority.keysOf(`fake${i}`)))
      for (let at = 0; at < voices.length; at += 1000) {
        const statements = voices.slice(at, at + 1000).flatMap(voice => [voice.facts(), voice.vitals()])
        await mallory.tell('n1', statements)
        if (at === 0) for (const { id } of cloud.nodes()) await mallory.tell(id, statements)
      }
      const sizes = (): number[] => cloud.nodes().map(({ membership }) => membership.nodes().length)
      expect(Math.max(...sizes())).to.equal(100)
      expect(await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 60_000 })).to.be.below(30_000)
      expectPeace(cloud)
      await cloud.pass(40_000)
      expect(Math.max(...sizes())).to.equal(8)
      await cloud.start('late', ['n1'])
      expect(await cloud.until(() => seesTheTruth(cloud), { timeoutMs: 60_000 })).to.be.below(5000)
    })
  })
})

describe('ten thousand sites that are not there', () => {
  it('take no more room than there is, and harm none that are', async () => {
    const nodeOptions = { resources: { sitesMax: 20 } }
    await inDanger({ nodes: 12, sites: 3, nodeOptions }, async (cloud, mallory, logged) => {
      await cloud.pass(10_000)
      const names = Array.from({ length: 10_000 }, (_, i) => `sim/fake${i}`)
      const voices = names.slice(0, 1000).map(name => new Voice(cloud.authority.keysOf(name)))
      mallory.gossip.subscribe(SUMMARIES_TOPIC, () => {})
      for (let at = 0; at < names.length; at += 1000) {
        const summaries = names.slice(at, at + 1000)
          .flatMap((site, i) => [(at === 0 ? voices[i] as Voice : mallory).summary(site), 0])
        const picture = encode([true, encode([summaries, []])])
        await mallory.send('n1', CLOUD_PROTOCOL, picture)
        if (at === 0) for (const { id } of cloud.nodes()) await mallory.send(id, CLOUD_PROTOCOL, picture)
      }
      for (const site of names.slice(0, 500)) mallory.gossip.publish(SUMMARIES_TOPIC, mallory.summary(site))
      await cloud.pass(20_000)
      for (const { id, membership } of cloud.nodes()) {
        const { nodes } = await membership.everyone()
        expect(nodes.map(node => node.id), id).to.include.members(cloud.nodes().map(node => node.id))
        expect(membership.sites().length, id).to.be.below(5)
      }
      expectPeace(cloud)
      expect(named(logged)).to.deep.equal(new Set([MALLORY]))
      expect(complaintsIn(logged).length).to.be.below(100)
    })
  })

  it('stay forgotten where they are told of long after they were heard', async () => {
    const idle = [{ name: MALLORY, zone: 'sim/evil/r1' }]
    await inDanger({ nodes: 6, sites: 2, idle }, async (cloud, mallory) => {
      await cloud.pass(5000)
      const old = new Voice(cloud.authority.keysOf('old')).summary('sim/old')
      let asked = 0
      mallory.serve(CLOUD_PROTOCOL, () => {
        asked++
        return [[old, 3_600_000], []]
      })
      const own = encode([true, encode([[mallory.summary('sim/evil'), 0], []])])
      for (const { id } of cloud.nodes()) await mallory.send(id, CLOUD_PROTOCOL, own)
      await cloud.pass(20_000)
      expect(asked).to.be.above(0)
      expect(eventsOf(cloud, 'zoneDown').filter(event => event === 'zoneDown sim/old')).to.deep.equal([])
    })
  })

  it('are no more than there is room for, though a site tells of them that is there', async () => {
    const nodeOptions = { resources: { sitesMax: 20, dialTimeoutMs: 500 } }
    const idle = [{ name: MALLORY, zone: 'sim/evil/r1' }]
    await inDanger({ nodes: 12, sites: 3, nodeOptions, idle }, async (cloud, mallory) => {
      await cloud.pass(10_000)
      const summaries = Array.from({ length: 2000 }, (_, i) =>
        new Voice(cloud.authority.keysOf(`fake${i}`)).summary(`sim/fake${i}`)).flatMap(wire => [wire, 0])
      let asked = 0
      mallory.serve(CLOUD_PROTOCOL, () => {
        asked++
        return [summaries, []]
      })
      for (const { id } of cloud.nodes()) {
        await mallory.send(id, CLOUD_PROTOCOL, encode([true, encode([[mallory.summary('sim/evil'), 0], []])]))
      }
      await cloud.pass(20_000)
      expect(asked).to.be.above(0)
      for (const { id, membership } of cloud.nodes()) {
        expect(membership.sites().length).to.be.at.most(20)
        const { nodes } = await membership.everyone({ timeoutMs: 500 })
        expect(nodes.map(node => node.id), id).to.include.members(cloud.nodes().map(node => node.id))
      }
      expectPeace(cloud)
    })
  })
})
