import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Disk } from '@welkin/interface'
import { rejects } from '@welkin/port-compliance'
import { openNodeDisk } from '../../src/index.ts'

const content = new TextEncoder().encode('content')

describe('The disk of a real machine', () => {
  let directory = ''
  const opened: Disk[] = []

  const openDisk = async (...args: [string?, { reserveBytes: number }?]): Promise<Disk> => {
    const disk = await openNodeDisk(directory, args[0] ?? 'n1', args[1])
    opened.push(disk)
    return disk
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'welkin-disk-'))
  })

  afterEach(async () => {
    for (const disk of opened.splice(0)) await disk.close()
    await rm(directory, { recursive: true })
  })

  it('rejects EBUSY while another has the directory open', async () => {
    await openDisk()
    const error = await rejects(openDisk(), 'EBUSY')
    expect(error.message).to.contain(directory)
  })

  it('rejects ESTALE for the directory of another node, of another version, or of something else', async () => {
    await (await openDisk()).close()
    await rejects(openDisk('n2'), 'ESTALE')
    await writeFile(join(directory, 'format'), 'welkin disk 999\nn1\n')
    await rejects(openDisk(), 'ESTALE')
    await rm(join(directory, 'format'))
    await rejects(openDisk(), 'ESTALE')
  })

  it('rejects EIO for records that are damaged', async () => {
    const disk = await openDisk()
    await disk.records.write([{ key: 'a', value: content }])
    await disk.close()
    await writeFile(join(directory, 'records', 'CURRENT'), 'MANIFEST-999999\n')
    await rejects(openDisk(), 'EIO')
  })

  it('takes up where a power cut left the making of the directory', async () => {
    await writeFile(join(directory, 'format.draft'), 'welk')
    await openDisk()
    expect(await readFile(join(directory, 'format'), 'utf8')).to.equal('welkin disk 1\nn1\n')
  })

  it('clears away drafts that an earlier life left', async () => {
    const disk = await openDisk()
    const draft = await disk.files.create()
    await draft.append(content)
    expect(await readdir(join(directory, 'drafts'))).to.deep.equal(['0'])
    await disk.close()
    await openDisk()
    expect(await readdir(join(directory, 'drafts'))).to.deep.equal([])
    await draft.discard()
  })

  it('says where a file can be read, and lets nobody change it', async () => {
    const { files } = await openDisk()
    const draft = await files.create()
    await draft.append(content)
    await draft.commit('blobs/ab/abc')
    const path = files.localPath('blobs/ab/abc') as string
    expect(await readFile(path, 'utf8')).to.equal('content')
    expect((await stat(path)).mode & 0o222).to.equal(0)
    expect(() => files.localPath('../key')).to.throw().with.property('code', 'EINVAL')
  })

  it('rejects ENOSPC for what would go into the reserve, and still deletes', async () => {
    const before = await openDisk()
    await before.records.write([{ key: 'a', value: content }, { key: 'b', value: content }])
    await before.close()
    const { records, files } = await openDisk('n1', { reserveBytes: 2 ** 60 })
    await rejects(records.write([{ key: 'a', value: undefined }, { key: 'c', value: content }]), 'ENOSPC')
    expect((await records.list('')).map(({ key }) => key)).to.deep.equal(['a', 'b'])
    await records.write([{ key: 'a', value: undefined }])
    expect((await records.list('')).map(({ key }) => key)).to.deep.equal(['b'])
    const draft = await files.create()
    await rejects(draft.append(content), 'ENOSPC')
    await draft.discard()
  })

  it('makes the writes that overlap durable together, each with its own outcome', async () => {
    const { records } = await openDisk()
    const writes = Array.from({ length: 500 }, async (_none, i) => {
      await records.write([{ key: `k${i}`, value: content }])
      return (await records.get(`k${i}`))?.byteLength
    })
    expect(await Promise.all(writes)).to.deep.equal(Array.from({ length: 500 }, () => content.byteLength))
  })
})
