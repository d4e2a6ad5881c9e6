import { execFileSync } from 'node:child_process'
import {
  chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { collectBytes } from '@welkin/async'
import { archive } from '../../src/demo/archive.ts'
import { digestFiles } from '../../src/demo/digest.ts'
import { listFiles, readListed, type Omissions } from '../../src/demo/files.ts'

describe('the files of a folder', () => {
  let folder: string
  let omissions: Omissions
  const write = (name: string, content: string | Uint8Array): void => { writeFileSync(join(folder, name), content) }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'welkin-files-'))
    omissions = new Map()
  })
  afterEach(() => { rmSync(folder, { recursive: true }) })

  it('are its regular files at any depth, in order; links and empty folders are none', async () => {
    mkdirSync(join(folder, 'b/c'), { recursive: true })
    mkdirSync(join(folder, 'empty'))
    write('b/c/deep', 'x')
    write('a', '')
    symlinkSync('a', join(folder, 'link'))
    const files = await listFiles(folder, omissions)
    expect(files.map(({ path, sizeBytes }) => [path, sizeBytes])).to.deep.equal([['a', 0], ['b/c/deep', 1]])
    expect(omissions.size).to.equal(0)
  })

  it('leave out a name that is not UTF-8, and say so', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Uint8Array.of(0xff, 0x61)]), 'x')
    expect(await listFiles(folder, omissions)).to.deep.equal([])
    expect([...omissions.values()]).to.deep.equal(['its name is not UTF-8'])
  })

  it('leave out a folder that may not be read, and say so', async function () {
    if (process.getuid?.() === 0) this.skip()
    mkdirSync(join(folder, 'closed'), { mode: 0 })
    write('a', '')
    expect((await listFiles(folder, omissions)).map(({ path }) => path)).to.deep.equal(['a'])
    expect([...omissions.keys()]).to.deep.equal(['closed'])
    chmodSync(join(folder, 'closed'), 0o700)
  })

  it('come out of the archive as they went in, whatever they are called', async () => {
    const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(120)}`
    const names = ['plain', 'new\nline', 'back\\slash', 'é', '-dash', 'big', long]
    mkdirSync(join(folder, long, '..'), { recursive: true })
    for (const name of names) write(name, name === 'big' ? Buffer.alloc(700_000, 'big') : name)
    const files = await listFiles(folder, omissions)
    const tar = await collectBytes(archive(folder, files, omissions))

    const unpacked = mkdtempSync(join(tmpdir(), 'welkin-unpacked-'))
    try {
      execFileSync('tar', ['-xf', '-'], { cwd: unpacked, input: tar })
      for (const name of names) {
        expect(readFileSync(join(unpacked, name)).equals(readFileSync(join(folder, name))), name).to.equal(true)
      }
    } finally {
      rmSync(unpacked, { recursive: true })
    }
    expect(omissions.size).to.equal(0)
  })

  it('are left out where they have vanished or changed since, and the archive stays whole', async () => {
    for (const name of ['changes', 'kept', 'vanishes']) write(name, name)
    const files = await listFiles(folder, omissions)
    write('changes', 'other')
    rmSync(join(folder, 'vanishes'))
    const tar = await collectBytes(archive(folder, files, omissions))
    expect([...omissions.keys()]).to.have.members(['changes', 'vanishes'])
    expect(execFileSync('tar', ['-tf', '-'], { input: tar, encoding: 'utf8' })).to.equal('kept\n')
  })

  it('are noted where they become shorter while they are read', async () => {
    write('shrinks', Buffer.alloc(600_000))
    const [file] = await listFiles(folder, omissions)
    const pieces = readListed(folder, file as NonNullable<typeof file>)
    pieces.next()
    truncateSync(join(folder, 'shrinks'), 10)
    expect(() => [...pieces]).to.throw('shorter')
  })

  it('are digested by this process, but for those that can no longer be read', async () => {
    write('a', 'hello\n')
    write('vanishes', '')
    const files = await listFiles(folder, omissions)
    rmSync(join(folder, 'vanishes'))
    const sums = await digestFiles(folder, files, omissions)
    expect([...sums]).to.deep.equal([['a', '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03']])
    expect([...omissions.keys()]).to.deep.equal(['vanishes'])
  })
})
