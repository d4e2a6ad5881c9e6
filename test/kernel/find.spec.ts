import { expect } from 'chai'
import fc from 'fast-check'
import { parseQuery, select } from '@welkin/query'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, inCloud, run } from './in-cloud.ts'

const idsOf = ({ rows }: { rows: Array<{ node: { id: string } }> }): string[] => rows.map(({ node }) => node.id)

/** Nodes of three sites, some of them with objects that have CPUs promised. */
async function withLoads (story: (cloud: VirtualCloud) => Promise<void>): Promise<void> {
  await inCloud({ nodes: 12, sites: 3 }, async cloud => {
    for (const [index, { name }] of cloud.places.entries()) {
      if (index % 2 === 1) continue
      await run(cloud.syscalls(name), ['sleep', '1000'], { on: name, limits: { cpu: 1 + index / 4 } })
    }
    await cloud.pass(5000)
    await story(cloud)
  })
}

describe('find', () => {
  it('finds what matches in all sites, from any node', async () => {
    await withLoads(async cloud => {
      const free = cloud.nodes().filter(({ processes }) => processes.promises().cpuPromised === 0).map(({ id }) => id)
      for (const asked of ['n1', 'n8']) {
        const found = await cloud.syscalls(asked).find({ query: 'cpu.promised = 0' })
        expect(idsOf(found)).to.have.members(free)
        expect(found).to.deep.include({ matched: free.length, silent: [] })
      }
    })
  })

  it('answers as one would who looks at every node at once', async () => {
    await withLoads(async cloud => {
      const truth = cloud.nodes().flatMap(({ id, membership }) => membership.node(id) ?? [])
      const nowhere = { distanceFrom: () => () => undefined }
      const clause = fc.oneof(
        fc.tuple(
          fc.constantFrom('cpu.free', 'cpu.promised', 'objects'), fc.constantFrom('<', '>=', '='), fc.nat(4)
        ).map(parts => parts.join(' ')),
        fc.constantFrom(
          'site = sim/s1', 'zone in sim/s2', 'name ~ "n1*"', 'arch = x64', 'drivers has modelled', 'os = plan9'))
      const negated = fc.tuple(fc.constantFrom('', 'not '), clause).map(([not, text]) => `${not}${text}`)
      const clauses = fc.array(negated, { minLength: 1, maxLength: 3 })
      const condition = fc.tuple(clauses, fc.constantFrom(' and ', ' or ')).map(([parts, word]) => parts.join(word))
      await fc.assert(fc.asyncProperty(condition, fc.constantFrom(...cloud.places), async (text, { name }) => {
        const wanted = select(parseQuery(text), truth, nowhere)
        const found = await cloud.syscalls(name).find({ query: text })
        expect(idsOf(found), text).to.have.members(wanted.rows.map(({ node }) => node.id))
        expect(found.matched).to.equal(wanted.matched)
      }), { numRuns: 60 })
    })
  })

  it('keeps to what is near to places that are named: nodes, zones, objects, all of them at once', async () => {
    await inCloud({ nodes: 9, sites: 3 }, async cloud => {
      await cloud.pass(240_000)
      const find = async (query: string): Promise<string[]> =>
        idsOf(await cloud.syscalls('n1').find({ query })).toSorted()
      expect(await find('rtt(n2) < 20ms')).to.deep.equal(['n2', 'n5', 'n8'])
      expect(await find('rtt(sim/s3) < 20ms')).to.deep.equal(['n3', 'n6', 'n9'])
      expect(await find('rtt(here) < 20ms')).to.deep.equal(['n1', 'n4', 'n7'])
      await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n6', name: 'web' })
      expect(await find('rtt(web) < 20ms')).to.deep.equal(['n3', 'n6', 'n9'])
      expect(await find('rtt(n2) < 20ms and rtt(n3) < 20ms')).to.deep.equal([])
      expect(await find('rtt(n2) < 100ms and rtt(n3) < 20ms')).to.deep.equal(['n3', 'n6', 'n9'])
      expect(await codeOf(find('rtt(nowhere) < 20ms'))).to.equal('ENOENT')
    })
  })

  it('gives what each node would cost, and orders by it', async () => {
    await inCloud({ nodes: 6, sites: 2 }, async cloud => {
      await cloud.pass(120_000)
      const { rows } = await cloud.syscalls('n1').find({ query: 'order by cost(latency=1)' })
      expect(rows.slice(0, 3).map(({ node }) => node.id)).to.have.members(['n1', 'n3', 'n5'])
      expect(rows[0]?.cost).to.include({ rttMs: 0, load: 0 })
      const far = rows.at(-1)?.cost
      expect(far?.rttMs).to.be.within(25, 40)
      expect(far?.ageMs).to.be.below(120_000)
    })
  })

  it('measures who is nearest where it may, with no more probes than allowed', async () => {
    await inCloud({ nodes: 9, sites: 3 }, async cloud => {
      await cloud.pass(120_000)
      const { find } = cloud.syscalls('n1')
      const near = await find({ query: 'order by rtt(n2) limit 3', probes: 4 })
      expect(near.rows.map(({ node }) => node.id)).to.have.members(['n2', 'n5', 'n8'])
      expect(near.rows.map(({ cost }) => cost.rttErrorMs)).to.deep.equal([0, 0, 0])
      cloud.network.cut('n2', 'n5')
      cloud.network.cut('n5', 'n2')
      const cut = await find({ query: 'order by rtt(n2) limit 3', probes: 3 })
      expect(cut.rows.map(({ node }) => node.id)).to.include('n8').and.not.include('n5')
      expect(await codeOf(find({ query: 'order by load', probes: 3 }))).to.equal('EINVAL')
    })
  })

  it('says what excludes all, and where a query is wrong', async () => {
    await inCloud({}, async cloud => {
      const { find } = cloud.syscalls('n1')
      expect((await find({ query: 'arch = x64 and cpu.free > 100' })).why).to.include('cpu.free > 100')
      expect(await codeOf(find({ query: 'cpu.free >' }))).to.equal('EINVAL')
      expect(await codeOf(find({ query: 'no.such = 1' }))).to.equal('EINVAL')
    })
  })

  it('has no distance to a node that is down, and says so when a site does not answer', async () => {
    await inCloud({ nodes: 6, sites: 2 }, async cloud => {
      await cloud.pass(10_000)
      cloud.powerOff('n3')
      await cloud.pass(10_000)
      const { rows } = await cloud.syscalls('n1').find({ query: 'state = down', scope: 'site' })
      expect(rows).to.have.lengthOf(1)
      expect(rows[0]?.cost).not.to.have.property('rttMs')
      for (const here of ['n1', 'n5']) {
        for (const there of ['n2', 'n4', 'n6']) {
          cloud.network.cut(here, there)
          cloud.network.cut(there, here)
        }
      }
      const { rows: own, silent } = await cloud.syscalls('n1').find({ query: 'state = up' }, { timeoutMs: 10_000 })
      expect(own.map(({ node }) => node.id)).to.deep.equal(['n1', 'n5'])
      expect(silent).to.deep.equal(['sim/s2'])
    })
  })
})

describe('distance', () => {
  it('is measured to peers that were spoken to, estimated between others', async () => {
    await inCloud({ nodes: 6, sites: 2 }, async cloud => {
      await cloud.pass(120_000)
      const near = await cloud.syscalls('n1').distance({ to: 'n3' })
      expect(near.rttMs).to.be.within(0.1, 2)
      expect(near.way?.rtt?.samples).to.be.above(1)
      const between = await cloud.syscalls('n1').distance({ from: 'n3', to: 'n4' })
      expect(between.rttMs).to.be.within(15, 60)
      expect(await cloud.syscalls('n1').distance({ to: 'n1' })).to.include({ rttMs: 0 })
      cloud.powerOff('n3')
      await cloud.pass(10_000)
      expect(await cloud.syscalls('n1').distance({ to: 'n3' })).not.to.have.property('rttMs')
    })
  })
})

describe('measure', () => {
  it('tells the machine, its drivers and the ways to peers as they are now', async () => {
    await inCloud({ nodes: 4, sites: 2 }, async cloud => {
      const { peers, ...own } = await cloud.syscalls('n1').measure({ peers: ['n2', 'n3'], probes: 5, bytes: 1 << 20 })
      expect(own).to.deep.include({ node: 'n1' })
      expect(own.machine).to.include({ cpuCount: 4 })
      expect(own.drivers).to.have.lengthOf(1)
      expect(own.drivers[0]).to.deep.include({ name: 'modelled', health: 'healthy' })
      const [far, near] = peers
      expect(far?.rttMs).to.be.within(30, 40)
      expect(near?.rttMs).to.be.below(2)
      expect(near?.bandwidthBytesPerSecond).to.be.above(far?.bandwidthBytesPerSecond as number)
      await cloud.syscalls('n1').measure({ peers: ['n2'], bytes: 1000 }) // tells of delays
      expect((await cloud.syscalls('n1').distance({ to: 'n2' })).way?.bandwidth?.samples).to.equal(1)
    })
  })

  it('counts what is not answered as lost, and never sends more than it was told to', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      const sent = (): number => cloud.network.trafficOf('n1').sentBytes
      const beforeBytes = sent()
      await cloud.syscalls('n1').measure({ peers: ['n2'], bytes: 3_000_000 })
      expect(sent() - beforeBytes).to.be.within(3_000_000, 3_100_000)
      cloud.network.cut('n1', 'n2')
      const { peers } = await cloud.syscalls('n1').measure({ peers: ['n2'], probes: 2, bytes: 1 << 20 })
      expect(peers).to.deep.equal([{ node: 'n2', lossRatio: 1 }])
    })
  })
})

describe('spawn with a query', () => {
  const SLEEP = { driver: 'modelled', argv: ['sleep', '1000'] }

  it('chooses among those that match, spread as asked', async () => {
    await inCloud({ nodes: 12, sites: 3 }, async cloud => {
      const { objects } = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 6, query: 'spread site' })
      const sites = objects.map(({ node }) => cloud.zoneOf(node).slice(0, 6))
      expect([...new Set(sites)].map(site => sites.filter(other => other === site).length)).to.deep.equal([2, 2, 2])
      const inOne = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 4, query: 'site = sim/s2 spread node' })
      expect(new Set(inOne.objects.map(({ node }) => node)).size).to.equal(4)
      expect(inOne.objects.every(({ node }) => cloud.zoneOf(node).startsWith('sim/s2'))).to.equal(true)
    })
  })

  it('keeps near to what it shall be near to', async () => {
    await inCloud({ nodes: 9, sites: 3 }, async cloud => {
      await cloud.pass(120_000)
      await run(cloud.syscalls('n1'), ['sleep', '1000'], { on: 'n6', name: 'web' })
      const query = { order: { by: 'cost' as const, weights: { latency: 1 }, near: ['web'] } }
      const { objects } = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 2, query })
      expect(objects.every(({ node }) => cloud.zoneOf(node).startsWith('sim/s3'))).to.equal(true)
    })
  })

  it('goes where its files are, when the start is what counts', async () => {
    await inCloud({ nodes: 6, sites: 2 }, async cloud => {
      const content = (async function * () { yield new Uint8Array(4 << 20) })()
      const { blob } = await cloud.syscalls('n4').blob.put({}, { input: content })
      const { objects, explanation } = await cloud.syscalls('n1').spawn({
        program: SLEEP, files: [{ path: 'data', blob }], query: 'order by cost(start=1)', explain: true
      })
      expect(objects[0]?.node).to.equal('n4')
      const delays = explanation?.candidates.map(({ node, cost }) => [node, cost.startDelayMs])
      expect(delays).to.deep.include(['n4', 0])
      expect(delays?.filter(([, delayMs]) => (delayMs as number) > 50)).to.have.lengthOf(5)
    })
  })

  it('explains: candidates with what they cost, what each was asked for, and why it refused', async () => {
    await inCloud({ nodes: 3, nodeOptions: { processes: { objectsMax: 4 } } }, async cloud => {
      cloud.powerOff('n3')
      const { explanation } = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 6, explain: true })
      expect(explanation?.query).to.include('drivers has modelled')
      const asked = explanation?.candidates.filter(one => one.asked > 0) ?? []
      expect(asked.reduce((sum, { taken }) => sum + taken, 0)).to.equal(6)
      const dead = asked.find(({ node }) => node === 'n3')
      expect(dead?.refusal ?? 'it does not answer').to.match(/answer|connect|silent|finish/)
    })
  })

  it('is refused with what excludes all where nobody matches', async () => {
    await inCloud({}, async cloud => {
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, query: 'cpu.count > 100' }))).to.equal('EAGAIN')
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, query: 'cpu.count >' }))).to.equal('EINVAL')
    })
  })

  it('starts nothing that cannot be placed whole, and keeps no room for it', async () => {
    await inCloud({ nodes: 3, nodeOptions: { processes: { objectsMax: 4 } } }, async cloud => {
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, count: 13 }))).to.equal('EAGAIN')
      const spawned = await cloud.syscalls('n1').events({ types: ['objectSpawned'] })[Symbol.asyncIterator]().next()
      expect(spawned.done).to.equal(true)
      expect(cloud.nodes().map(({ processes }) => processes.promises().objects)).to.deep.equal([0, 0, 0])
      expect((await cloud.syscalls('n2').spawn({ program: SLEEP, count: 12 })).objects).to.have.lengthOf(12)
    })
  })
})
