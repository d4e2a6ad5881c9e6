import { expect } from 'chai'
import type { VirtualCloud } from '@welkin/sim'
import { all, bytesOf, codeOf, exitOf, inCloud, knowsAll, run } from './in-cloud.ts'

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
const HELLO_FILE = `blobs/2c/${HELLO}`
const MEBIBYTE = 1 << 20

/** A blob that takes a while to bring. */
async function putLarge (cloud: VirtualCloud, node: string): Promise<string> {
  async function * content (): AsyncGenerator<Uint8Array> {
    for (let piece = 0; piece < 64; piece++) yield new Uint8Array(MEBIBYTE).fill(piece)
  }
  return (await cloud.syscalls(node).blob.put({}, { input: content() })).blob
}

async function get (cloud: VirtualCloud, node: string, blob: string): Promise<string> {
  return Buffer.concat(await all(cloud.syscalls(node).blob.get({ blob }))).toString()
}

/** Neither hears the other any more. */
function cutOff (cloud: VirtualCloud, one: string, other: string): void {
  cloud.network.cut(one, other)
  cloud.network.cut(other, one)
}

describe('a blob', () => {
  it('is named by its content, and read from anywhere', async () => {
    await inCloud({}, async cloud => {
      expect(await cloud.syscalls('n1').blob.put({}, { input: bytesOf('hel', 'lo') }))
        .to.deep.equal({ blob: HELLO, sizeBytes: 5 })
      expect(await cloud.syscalls('n2').blob.stat({ blob: HELLO }))
        .to.deep.equal({ blob: HELLO, sizeBytes: 5, holders: ['n1'] })
      expect(Buffer.concat(await all(cloud.syscalls('n3').blob.get({ blob: HELLO }))).toString()).to.equal('hello')
      const part = await all(cloud.syscalls('n3').blob.get({ blob: HELLO, from: 1, length: 3 }))
      expect(Buffer.concat(part).toString()).to.equal('ell')
      expect((await cloud.syscalls('n2').blob.stat({ blob: HELLO })).holders).to.have.members(['n1', 'n3'])
    })
  })

  it('may be empty', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const { blob, sizeBytes } = await cloud.syscalls('n1').blob.put({}, { input: bytesOf() })
      expect(sizeBytes).to.equal(0)
      expect(await all(cloud.syscalls('n1').blob.get({ blob }))).to.deep.equal([])
    })
  })

  it('is refused when it is not what was expected, and nothing is kept', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const putting = cloud.syscalls('n1').blob.put({ expected: HELLO }, { input: bytesOf('other') })
      expect(await codeOf(putting)).to.equal('EIO')
      expect(await codeOf(cloud.syscalls('n1').blob.stat({ blob: HELLO }))).to.equal('ENOENT')
    })
  })

  it('is taken from another holder when one has it damaged', async () => {
    await inCloud({ nodes: 4 }, async cloud => {
      for (const node of ['n1', 'n2', 'n3']) await cloud.syscalls(node).blob.put({}, { input: bytesOf('hello') })
      for (const node of ['n1', 'n2']) cloud.machines.get(node)?.platter.corruptFile(`blobs/2c/${HELLO}`)
      expect(Buffer.concat(await all(cloud.syscalls('n4').blob.get({ blob: HELLO }))).toString()).to.equal('hello')
    })
  })

  it('is fetched once, however many ask for it at a time, and is there afterwards', async () => {
    await inCloud({}, async cloud => {
      const blob = await putLarge(cloud, 'n1')
      const received = (): number => cloud.network.trafficOf('n3').receivedBytes
      const beforeBytes = received()
      const sizes = await Promise.all([1, 2, 3].map(async () => (await get(cloud, 'n3', blob)).length))
      expect(new Set(sizes).size).to.equal(1)
      expect(received() - beforeBytes).to.be.within(64 * MEBIBYTE, 65 * MEBIBYTE)
      const afterBytes = received()
      await get(cloud, 'n3', blob)
      expect(received() - afterBytes).to.be.below(2000)
    })
  })

  it('is brought on for the others when one who waits for it leaves, and no further when all have left', async () => {
    await inCloud({}, async cloud => {
      const blob = await putLarge(cloud, 'n1')
      const leaving = [new AbortController(), new AbortController()]
      const waits = leaving.map(async ({ signal }) =>
        await codeOf(all(cloud.syscalls('n3').blob.get({ blob }, { signal }))))
      const stays = get(cloud, 'n3', blob)
      await cloud.pass(20)
      leaving[0]?.abort()
      expect(await waits[0]).to.equal('ECANCELED')
      expect((await stays).length).to.be.above(0)
      await waits[1]

      await cloud.syscalls('n3').blob.remove({ blob })
      const receivedBytes = cloud.network.trafficOf('n3').receivedBytes
      const last = new AbortController()
      const waiting = codeOf(all(cloud.syscalls('n3').blob.get({ blob }, { signal: last.signal })))
      await cloud.pass(20)
      last.abort()
      expect(await waiting).to.equal('ECANCELED')
      await cloud.pass(5000)
      expect(cloud.network.trafficOf('n3').receivedBytes - receivedBytes).to.be.below(32 * MEBIBYTE)
      expect(await codeOf(all(cloud.syscalls('n3').blob.get({ blob, here: true })))).to.equal('ENOENT')
    })
  })

  it('does not hold up the end of the object that waits for it', async () => {
    await inCloud({}, async cloud => {
      const blob = await putLarge(cloud, 'n3')
      const { id } = await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n2', files: [{ path: 'x', blob }] })
      await cloud.pass(50)
      expect((await cloud.syscalls('n1').stat({ id })).state).to.equal('preparing')
      cutOff(cloud, 'n2', 'n3')
      const startMs = cloud.timeline.nowMs
      await cloud.syscalls('n1').kill({ id, graceMs: 0 })
      expect(cloud.timeline.nowMs - startMs).to.be.below(1000)
    })
  })

  it('comes from another holder when one falls silent in the middle', async () => {
    const resources = { suspicionMinMs: 100_000, suspicionMaxMs: 200_000 }
    await inCloud({ nodes: 3, nodeOptions: { resources } }, async cloud => {
      const blob = await putLarge(cloud, 'n1')
      await putLarge(cloud, 'n2')
      const sent = (node: string): number => cloud.network.trafficOf(node).sentBytes
      const before = { n1: sent('n1'), n2: sent('n2') }
      const startMs = cloud.timeline.nowMs
      const getting = get(cloud, 'n3', blob)
      await cloud.pass(50)
      const sender = sent('n1') - before.n1 > sent('n2') - before.n2 ? 'n1' : 'n2'
      expect(sent(sender) - before[sender]).to.be.within(MEBIBYTE, 63 * MEBIBYTE)
      cutOff(cloud, sender, 'n3')
      expect((await getting).length).to.be.above(0)
      expect(cloud.timeline.nowMs - startMs).to.be.within(4000, 7000)
    })
  })

  it('is brought without waiting for nodes that do not answer', async () => {
    const resources = { suspicionMinMs: 100_000, suspicionMaxMs: 200_000 }
    await inCloud({ nodes: 4, nodeOptions: { resources } }, async cloud => {
      await cloud.syscalls('n1').blob.put({}, { input: bytesOf('hello') })
      cutOff(cloud, 'n3', 'n4')
      const startMs = cloud.timeline.nowMs
      expect(await get(cloud, 'n3', HELLO)).to.equal('hello')
      expect(cloud.timeline.nowMs - startMs).to.be.below(1000)
    })
  })

  it('that proves damaged when it is read ends with EIO, and the next reader gets another copy', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      for (const node of ['n1', 'n2']) await cloud.syscalls(node).blob.put({}, { input: bytesOf('hello') })
      cloud.machines.get('n1')?.platter.corruptFile(HELLO_FILE)
      expect(await codeOf(get(cloud, 'n1', HELLO))).to.equal('EIO')
      expect((await cloud.syscalls('n1').blob.stat({ blob: HELLO })).holders).to.deep.equal(['n2'])
      expect(await get(cloud, 'n1', HELLO)).to.equal('hello')
    })
  })

  it('that was damaged while the node was down is replaced before a task gets it', async () => {
    await inCloud({ nodes: 2 }, async cloud => {
      for (const node of ['n1', 'n2']) await cloud.syscalls(node).blob.put({}, { input: bytesOf('hello') })
      cloud.crash('n2')
      cloud.machines.get('n2')?.platter.corruptFile(HELLO_FILE)
      await cloud.start('n2', ['n1'])
      await knowsAll(cloud)
      const files = [{ path: 'x', blob: HELLO }]
      const { id } = await run(cloud.syscalls('n1'), ['cat', 'x'], { on: 'n2', files })
      expect(await exitOf(cloud.syscalls('n1'), id)).to.deep.equal({ kind: 'exited', code: 0 })
      expect(Buffer.concat(await all(cloud.syscalls('n2').blob.get({ blob: HELLO, here: true }))).toString())
        .to.equal('hello')
    })
  })

  it('is good again once it was put again', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const put = async (): Promise<unknown> => await cloud.syscalls('n1').blob.put({}, { input: bytesOf('hello') })
      await put()
      cloud.machines.get('n1')?.platter.corruptFile(HELLO_FILE)
      await put()
      expect(await get(cloud, 'n1', HELLO)).to.equal('hello')
    })
  })

  it('that nobody has is ENOENT, and one that is removed is gone from that node', async () => {
    await inCloud({}, async cloud => {
      expect(await codeOf(all(cloud.syscalls('n1').blob.get({ blob: HELLO })))).to.equal('ENOENT')
      await cloud.syscalls('n1').blob.put({}, { input: bytesOf('hello') })
      await cloud.syscalls('n1').blob.remove({ blob: HELLO })
      expect(await codeOf(cloud.syscalls('n2').blob.stat({ blob: HELLO }))).to.equal('ENOENT')
    })
  })

  it('does not fit on a full disk, and half of it is not kept', async () => {
    await inCloud({ nodes: 1 }, async cloud => {
      const { platter } = cloud.machines.get('n1') as NonNullable<ReturnType<typeof cloud.machines.get>>
      const freeBytes = platter.freeBytes
      expect(freeBytes).to.be.above(0)
      platter.resize(1000)
      const tooMuch = bytesOf('x'.repeat(600), 'y'.repeat(600))
      expect(await codeOf(cloud.syscalls('n1').blob.put({}, { input: tooMuch }))).to.equal('ENOSPC')
      expect(await codeOf(cloud.syscalls('n1').blob.put({}, { input: bytesOf('hello') }))).to.equal('none')
    })
  })
})
