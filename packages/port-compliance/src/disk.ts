import { expect } from 'chai'
import type { Disk } from '@welkin/interface'
import { rejects } from './rejects.ts'
import { factsIn, type Fact, type Setup } from './world.ts'

export interface DiskPorts {
  disk: Disk
  /** Closes the disk and gives the one of the node's next life. */
  reopen: () => Promise<Disk>
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)

async function writeFile (disk: Disk, name: string, ...parts: string[]): Promise<void> {
  const draft = await disk.files.create()
  for (const part of parts) await draft.append(bytesOf(part))
  await draft.commit(name)
}

async function readFile (disk: Disk, name: string, range?: { from?: number, length?: number }): Promise<string> {
  let text = ''
  for await (const piece of disk.files.read(name, range)) text += textOf(piece)
  return text
}

export function diskCompliance (setup: Setup<DiskPorts>): void {
  describe('as a Disk', () => {
    const fact = factsIn(setup)
    recordFacts(fact)
    fileFacts(fact)
    lifeFacts(fact)
  })
}

function recordFacts (fact: Fact<DiskPorts>): void {
  fact('gives back the records it was given', async ({ disk: { records } }) => {
    await records.write([{ key: 'a', value: bytesOf('1') }, { key: 'b', value: new Uint8Array() }])
    expect(textOf(await records.get('a'))).to.equal('1')
    expect(textOf(await records.get('b'))).to.equal('')
    expect(await records.get('c')).to.equal(undefined)
  })

  fact('replaces and deletes records in one batch', async ({ disk: { records } }) => {
    await records.write([{ key: 'a', value: bytesOf('1') }, { key: 'b', value: bytesOf('2') }])
    const gone = ['a', 'none'].map(key => ({ key, value: undefined }))
    await records.write([...gone, { key: 'b', value: bytesOf('3') }])
    expect(await records.get('a')).to.equal(undefined)
    expect(textOf(await records.get('b'))).to.equal('3')
  })

  fact('lists by prefix in ascending order of code units', async ({ disk: { records } }) => {
    const keys = ['o/\u{1F600}', 'o/\uFF5E', 'o/b', 'o/B', 'o/', 'o', 'p', 'o0', 'o/b/c']
    await records.write(keys.map(key => ({ key, value: bytesOf(key) })))
    const found = await records.list('o/')
    expect(found.map(({ key }) => key)).to.deep.equal(['o/', 'o/B', 'o/b', 'o/b/c', 'o/\u{1F600}', 'o/\uFF5E'])
    for (const { key, value } of found) expect(textOf(value)).to.equal(key)
    expect(await records.list('q')).to.deep.equal([])
    expect(await records.list('')).to.have.lengthOf(keys.length)
  })

  fact('lands writes that overlap in the order of their coming', async ({ disk: { records } }) => {
    await Promise.all(Array.from({ length: 100 }, (_none, i) => records.write([
      { key: 'last', value: bytesOf(`${i}`) }, { key: `each/${i}`, value: bytesOf('here') }
    ])))
    expect(textOf(await records.get('last'))).to.equal('99')
    expect(await records.list('each/')).to.have.lengthOf(100)
  })

  fact('is not touched when a buffer is used again', async ({ disk }) => {
    const buffer = bytesOf('mine')
    await disk.records.write([{ key: 'a', value: buffer }])
    const draft = await disk.files.create()
    await draft.append(buffer)
    buffer.fill(0)
    await draft.commit('a')
    expect(textOf(await disk.records.get('a'))).to.equal('mine')
    expect(await readFile(disk, 'a')).to.equal('mine')
  })
}

function fileFacts (fact: Fact<DiskPorts>): void {
  fact('gives a file its name at commit and not before', async ({ disk }) => {
    const draft = await disk.files.create()
    await draft.append(bytesOf('one '))
    await draft.append(bytesOf('two'))
    expect(await disk.files.list('')).to.deep.equal([])
    await draft.commit('b/ab/x.1_2-3')
    expect(await disk.files.list('')).to.deep.equal(['b/ab/x.1_2-3'])
    expect(await disk.files.size('b/ab/x.1_2-3')).to.equal(7)
    expect(await readFile(disk, 'b/ab/x.1_2-3')).to.equal('one two')
  })

  fact('reads the part that is asked for, as far as there is one', async ({ disk }) => {
    await writeFile(disk, 'digits', '01234', '56789')
    expect(await readFile(disk, 'digits', { from: 3 })).to.equal('3456789')
    expect(await readFile(disk, 'digits', { from: 3, length: 4 })).to.equal('3456')
    expect(await readFile(disk, 'digits', { length: 0 })).to.equal('')
    expect(await readFile(disk, 'digits', { from: 8, length: 40 })).to.equal('89')
    expect(await readFile(disk, 'digits', { from: 40 })).to.equal('')
  })

  fact('replaces a file of the same name', async ({ disk }) => {
    await writeFile(disk, 'a', 'a longer first version')
    await writeFile(disk, 'a', 'second')
    expect(await readFile(disk, 'a')).to.equal('second')
    expect(await disk.files.list('')).to.deep.equal(['a'])
  })

  fact('keeps empty files and large ones', async ({ disk }) => {
    await writeFile(disk, 'empty')
    expect(await disk.files.size('empty')).to.equal(0)
    expect(await readFile(disk, 'empty')).to.equal('')
    const piece = 'x'.repeat(100_000)
    await writeFile(disk, 'large', ...Array.from({ length: 30 }, () => piece))
    expect(await disk.files.size('large')).to.equal(3_000_000)
    expect(await readFile(disk, 'large') === piece.repeat(30)).to.equal(true)
  })

  fact('rejects ENOENT for a file that is not there, and has no size for it', async ({ disk }) => {
    await rejects(readFile(disk, 'none'), 'ENOENT')
    expect(await disk.files.size('none')).to.equal(undefined)
    await disk.files.remove('none')
  })

  fact('lists by prefix of the name, sorted', async ({ disk }) => {
    for (const name of ['b/2', 'b/1', 'b-1', 'c', 'b/1.x/y']) await writeFile(disk, name, name)
    expect(await disk.files.list('b/')).to.deep.equal(['b/1', 'b/1.x/y', 'b/2'])
    expect(await disk.files.list('b')).to.deep.equal(['b-1', 'b/1', 'b/1.x/y', 'b/2'])
    await disk.files.remove('b/1')
    expect(await disk.files.list('b/')).to.deep.equal(['b/1.x/y', 'b/2'])
  })

  fact('leaves nothing of a draft that is discarded', async ({ disk }) => {
    const draft = await disk.files.create()
    await draft.append(bytesOf('no'))
    await draft.discard()
    expect(await disk.files.list('')).to.deep.equal([])
  })

  fact('rejects EINVAL for names that are no names', async ({ disk }) => {
    for (const name of ['', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'A', 'a b', 'a\\b', 'a\0']) {
      const draft = await disk.files.create()
      await rejects(draft.commit(name), 'EINVAL')
      await draft.discard()
      await rejects(readFile(disk, name), 'EINVAL')
    }
    expect(await disk.files.list('')).to.deep.equal([])
  })
}

function lifeFacts (fact: Fact<DiskPorts>): void {
  fact('keeps records and files into the next life', async ({ disk, reopen }) => {
    await disk.records.write([{ key: 'a', value: bytesOf('1') }, { key: 'b', value: bytesOf('2') }])
    await disk.records.write([{ key: 'b', value: undefined }])
    await writeFile(disk, 'kept', 'content')
    await writeFile(disk, 'removed', 'content')
    await disk.files.remove('removed')
    const next = await reopen()
    expect((await next.records.list('')).map(({ key }) => key)).to.deep.equal(['a'])
    expect(await next.files.list('')).to.deep.equal(['kept'])
    expect(await readFile(next, 'kept')).to.equal('content')
  })

  fact('forgets drafts that were never committed', async ({ disk, reopen }) => {
    const draft = await disk.files.create()
    await draft.append(bytesOf('half'))
    const next = await reopen()
    expect(await next.files.list('')).to.deep.equal([])
  })
}
