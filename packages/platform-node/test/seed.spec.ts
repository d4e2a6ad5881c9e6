import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { rejects } from '@welkin/port-compliance'
import { createNodeKeys, loadSeed, nodeIdOf, publicKeyOf } from '../src/index.ts'

describe('The identity of a node', () => {
  let directory = ''

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'welkin-seed-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  it('is written as libp2p writes it', () => {
    const { self } = createNodeKeys(new Uint8Array(32).fill(1))
    expect(self).to.equal('12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5')
    expect(nodeIdOf(publicKeyOf(self) as Uint8Array)).to.equal(self)
  })

  it('is undefined for what is no id of an Ed25519 key', () => {
    for (const id of ['', '0', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N', 'z'.repeat(10_000)]) {
      expect(publicKeyOf(id)).to.equal(undefined)
    }
  })

  it('is made once, for its owner alone, and is the same ever after', async () => {
    const deep = join(directory, 'data', 'n1')
    const [first, second] = await Promise.all([loadSeed(deep), loadSeed(deep)])
    expect(first.byteLength).to.equal(32)
    expect(second).to.deep.equal(first)
    expect(await loadSeed(deep)).to.deep.equal(first)
    expect(await readdir(deep)).to.deep.equal(['key'])
    expect((await stat(join(deep, 'key'))).mode & 0o777).to.equal(0o600)
    expect(await loadSeed(directory)).to.not.deep.equal(first)
  })

  it('rejects EACCES for a key that others can read', async () => {
    await loadSeed(directory)
    await chmod(join(directory, 'key'), 0o644)
    const error = await rejects(loadSeed(directory), 'EACCES')
    expect(error.message).to.contain('chmod 600')
  })

  it('rejects EIO for a file that holds no key, and leaves it alone', async () => {
    await writeFile(join(directory, 'key'), 'my diary', { mode: 0o600 })
    await rejects(loadSeed(directory), 'EIO')
    expect((await stat(join(directory, 'key'))).size).to.equal(8)
  })
})
