import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { codeOf, exitOf, inCloud, knowsAll, run } from './in-cloud.ts'

const SLEEP = { driver: 'modelled', argv: ['sleep', '1000'] }

describe('placement', () => {
  it('spreads objects evenly, and those of many calls too', async () => {
    await inCloud({ nodes: 4 }, async cloud => {
      const { objects } = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 8 })
      for (let call = 0; call < 8; call++) {
        objects.push(...(await cloud.syscalls('n1').spawn({ program: SLEEP })).objects)
      }
      const counts = cloud.places.map(({ name }) => objects.filter(({ node }) => node === name).length)
      expect(counts).to.deep.equal([4, 4, 4, 4])
    })
  })

  it('keeps to the node or zone that was named', async () => {
    await inCloud({ nodes: 4, sites: 2 }, async cloud => {
      const inSite = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 6, on: 'sim/s2' })
      expect(inSite.objects.every(({ node }) => cloud.zoneOf(node).startsWith('sim/s2'))).to.equal(true)
      const onNode = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 6, on: 'n3' })
      expect(onNode.objects.every(({ node }) => node === 'n3')).to.equal(true)
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, on: 'sim/s9' }))).to.equal('ENOENT')
      const native = { driver: 'native', argv: ['true'] }
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: native }))).to.equal('ENOSYS')
    })
  })

  it('names objects, one by its name and several by number, and no two alike that live', async () => {
    await inCloud({}, async cloud => {
      const one = await cloud.syscalls('n1').spawn({ program: SLEEP, name: 'web' })
      expect(one.objects[0]?.name).to.equal('web')
      expect(await codeOf(cloud.syscalls('n2').spawn({ program: SLEEP, name: 'web' }))).to.equal('EEXIST')
      const { objects } = await cloud.syscalls('n1').spawn({ program: SLEEP, name: 'worker', count: 3 })
      expect(objects.map(({ name }) => name)).to.deep.equal(['worker.0', 'worker.1', 'worker.2'])
      await cloud.syscalls('n3').kill({ id: 'web' })
      expect(await codeOf(cloud.syscalls('n2').spawn({ program: SLEEP, name: 'web' }))).to.equal('none')
      expect((await cloud.syscalls('n3').stat({ id: 'web' })).state).not.to.equal('ended')
    })
  })

  it('answers a repeat of a request to the same node with the same objects, and starts none twice', async () => {
    await inCloud({}, async cloud => {
      const requestId = 'f'.repeat(32)
      const spawn = async () => await cloud.syscalls('n1').spawn({ program: SLEEP, count: 3 }, { requestId })
      const [first, second] = await Promise.all([spawn(), spawn()])
      expect(second).to.deep.equal(first)
      expect(await spawn()).to.deep.equal(first)
      expect((await cloud.syscalls('n2').list({})).objects).to.have.lengthOf(3)
    })
  })

  it('starts other objects for a repeat to another node, or after a restart, and never one id twice', async () => {
    await inCloud({}, async cloud => {
      const spawn = async (node: string): Promise<unknown> =>
        await cloud.syscalls(node).spawn({ program: SLEEP, count: 3 }, { requestId: 'f'.repeat(32) })
      await Promise.all([spawn('n1'), spawn('n2')])
      cloud.crash('n1')
      await cloud.start('n1', ['n2'])
      await knowsAll(cloud)
      await spawn('n1')
      const { objects } = await cloud.syscalls('n2').list({})
      expect(objects).to.have.lengthOf(9)
      expect(new Set(objects.map(({ id }) => id)).size).to.equal(9)
    })
  })

  it('gives a name once, however many calls ask one node for it at a time', async () => {
    await inCloud({}, async cloud => {
      const spawn = async (more: object): Promise<string> =>
        await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, ...more }))
      const codes = await Promise.all([spawn({ name: 'web' }), spawn({ name: 'web' }), spawn({ name: 'other' })])
      expect(codes.toSorted()).to.deep.equal(['EEXIST', 'none', 'none'])
      expect(await spawn({ name: 'web' })).to.equal('EEXIST')
      expect((await cloud.syscalls('n2').stat({ id: 'web' })).name).to.equal('web')
    })
  })

  it('refuses a name that several live objects have got from different nodes', async () => {
    await inCloud({}, async cloud => {
      const host = { cp: '1'.repeat(32), spec: { program: SLEEP } }
      await cloud.syscalls('n2').host({ ...host, objects: [{ id: '2'.repeat(32), name: 'web' }] })
      await cloud.syscalls('n3').host({ ...host, objects: [{ id: '3'.repeat(32), name: 'web' }] })
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, name: 'web' }))).to.equal('EEXIST')
    })
  })

  it('refuses a numbered set while one of an earlier set lives', async () => {
    await inCloud({}, async cloud => {
      const spawn = async (): Promise<string> =>
        await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, name: 'worker', count: 3 }))
      expect(await spawn()).to.equal('none')
      for (const id of ['worker.0', 'worker.2']) await cloud.syscalls('n1').kill({ id, graceMs: 0 })
      expect(await spawn()).to.equal('EEXIST')
      await cloud.syscalls('n1').kill({ id: 'worker.1', graceMs: 0 })
      expect(await spawn()).to.equal('none')
    })
  })

  it('is not misled by ids that begin as a name does', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const objects = [{ id: `a${'1'.repeat(31)}` }, { id: `a${'2'.repeat(31)}` }]
      await cloud.syscalls('n1').host({ cp: '1'.repeat(32), spec: { program: SLEEP }, objects })
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, name: 'a' }))).to.equal('none')
    })
  })

  it('leaves nothing behind of a call that its caller takes back, at whatever moment', async () => {
    await inCloud({}, async cloud => {
      for (const afterMs of [0.5, 1, 1.5, 2, 2.5, 3, 4, 5]) {
        const caller = new AbortController()
        const spawning = codeOf(
          cloud.syscalls('n1').spawn({ program: SLEEP, count: 6 }, { signal: caller.signal }))
        await cloud.pass(afterMs)
        caller.abort()
        const code = await spawning
        await cloud.pass(5000)
        const { objects } = await cloud.syscalls('n1').list({ ended: true })
        expect(objects, `${afterMs} ms: ${code}`).to.have.lengthOf(code === 'none' ? 6 : 0)
        for (const { id } of objects) {
          await cloud.syscalls('n1').kill({ id, graceMs: 0 })
          await cloud.syscalls('n1').remove({ id })
        }
      }
    })
  })

  it('asks a few nodes that told they are full, not all of them, before it refuses', async () => {
    await inCloud({ nodes: 24, nodeOptions: { processes: { objectsMax: 1 } } }, async cloud => {
      await cloud.syscalls('n1').spawn({ program: SLEEP, count: 24 })
      await cloud.pass(5000)
      const refused = await cloud.syscalls('n2').spawn({ program: SLEEP }).catch((error: unknown) => error)
      expect(refused).to.be.an.instanceof(CloudError).with.property('code', 'EAGAIN')
      expect((refused as CloudError).fields['reasons']).to.have.lengthOf(16)
    })
  })

  it('refuses with EAGAIN what nobody has room for, keeps nothing of it, and stays of use', async () => {
    await inCloud({ nodes: 2, nodeOptions: { processes: { objectsMax: 10 } } }, async cloud => {
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, count: 10_000 }))).to.equal('EAGAIN')
      expect((await cloud.syscalls('n1').list({})).objects).to.have.lengthOf(0)
      const { objects } = await cloud.syscalls('n1').spawn({ program: SLEEP, count: 20 })
      expect(objects).to.have.lengthOf(20)
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP }))).to.equal('EAGAIN')
      await cloud.syscalls('n2').kill({ id: objects[0]?.id as string })
      expect(await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP }))).to.equal('none')
    })
  })

  it('never lets a node promise more CPU or memory than it has', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const spawn = async (limits: object) => await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, limits }))
      expect(await spawn({ cpu: 3 })).to.equal('none')
      expect(await spawn({ cpu: 2 })).to.equal('EAGAIN')
      expect(await spawn({ cpu: 1, memoryBytes: 10 * 2 ** 30 })).to.equal('none')
      expect(await spawn({ memoryBytes: 10 * 2 ** 30 })).to.equal('EAGAIN')
    })
  })

  it('passes on to others what a node refuses that was thought to have room', async () => {
    const nodeOptions = {
      processes: { objectsMax: 4 },
      resources: { reviewPeriodMs: 60_000 }
    }
    await inCloud({ nodes: 2, nodeOptions }, async cloud => {
      // n1 fills n2 without n2 having told of it; n2's own spawns then go by what it believes of n1.
      await cloud.syscalls('n1').spawn({ program: SLEEP, count: 3, on: 'n1' })
      const { objects } = await cloud.syscalls('n2').spawn({ program: SLEEP, count: 5 })
      expect(objects.filter(({ node }) => node === 'n1')).to.have.lengthOf(1)
      expect(objects.filter(({ node }) => node === 'n2')).to.have.lengthOf(4)
    })
  })

  it('takes back what it placed when a node dies that had its share', async () => {
    await inCloud({ nodes: 3, nodeOptions: { processes: { objectsMax: 4 } } }, async cloud => {
      cloud.powerOff('n3')
      const code = await codeOf(cloud.syscalls('n1').spawn({ program: SLEEP, count: 12 }))
      expect(code).to.be.oneOf(['EAGAIN', 'ETIMEDOUT'])
      expect((await cloud.syscalls('n1').list({})).objects).to.have.lengthOf(0)
    })
  })

  it('fails with ENOSPC when the disk is full, and nothing is left', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const { platter } = cloud.machines.get('n1') as NonNullable<ReturnType<typeof cloud.machines.get>>
      platter.resize(0)
      expect(await codeOf(run(cloud.syscalls('n1'), ['exit', '0']))).to.equal('ENOSPC')
      expect((await cloud.syscalls('n1').list({ ended: true })).objects).to.have.lengthOf(0)
      platter.resize(1e9)
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'])
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 0 })
    })
  })
})
