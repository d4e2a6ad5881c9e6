import { expect } from 'chai'
import { all, bytesOf, codeOf, inCloud } from './in-cloud.ts'

const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

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

  it('is fetched once, however many ask for it', async () => {
    await inCloud({}, async cloud => {
      await cloud.syscalls('n1').blob.put({}, { input: bytesOf('hello') })
      const read = async (): Promise<string> =>
        Buffer.concat(await all(cloud.syscalls('n3').blob.get({ blob: HELLO }))).toString()
      expect(await Promise.all([read(), read(), read()])).to.deep.equal(['hello', 'hello', 'hello'])
      const receivedBytes = cloud.network.trafficOf('n3').receivedBytes
      await read()
      expect(cloud.network.trafficOf('n3').receivedBytes - receivedBytes).to.be.below(2000)
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
