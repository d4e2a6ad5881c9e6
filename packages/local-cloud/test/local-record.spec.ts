import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { localClouds, openLocalCloud, takeDown } from '../src/local-cloud.ts'

const DEAD = {
  name: 'dead',
  startedBy: { pid: 2 ** 30, command: 'welkin' },
  nodes: [{ name: 'n1', zone: 'local/site1/rack1' }]
}

describe('the record of a local cloud', () => {
  let local: string
  const keep = (name: string, content: string): void => {
    mkdirSync(join(local, name))
    writeFileSync(join(local, name, 'cloud.json'), content)
  }

  beforeEach(() => { local = mkdtempSync(join(tmpdir(), 'welkin-local-')) })
  afterEach(() => { rmSync(local, { recursive: true, force: true }) })

  it('names no path: the cloud is where its folder is', async () => {
    keep('dead', JSON.stringify({ ...DEAD, directory: '/etc', nodes: [{ ...DEAD.nodes[0], dataDir: '/etc' }] }))
    const cloud = await openLocalCloud(local, 'dead')
    expect([cloud.directory, cloud.nodes[0]?.dataDir]).to.deep.equal([join(local, 'dead'), join(local, 'dead/n1')])
  })

  it('outlives a crash of the machine, and goes when the cloud is taken down', async () => {
    keep('dead', JSON.stringify(DEAD))
    await takeDown(await openLocalCloud(local, 'dead'))
    expect(await localClouds(local)).to.deep.equal([])
    expect(existsSync(local)).to.equal(false)
  })

  it('leaves the others alone when its cloud is taken down', async () => {
    keep('dead', JSON.stringify(DEAD))
    keep('other', JSON.stringify({ ...DEAD, name: 'other' }))
    await takeDown(await openLocalCloud(local, 'dead'))
    expect((await localClouds(local)).map(({ name }) => name)).to.deep.equal(['other'])
  })

  it('is none where it cannot be read', async () => {
    for (const [at, content] of ['', '{', 'null', '{}', '{"name":"x"}'].entries()) keep(`broken-${at}`, content)
    expect(await localClouds(local)).to.deep.equal([])
  })

  it('is missed with the names that are nearly the same', async () => {
    keep('dead', JSON.stringify(DEAD))
    let message = ''
    await openLocalCloud(local, 'daed').catch((error: Error) => { message = error.message })
    expect(message).to.equal(
      'There is no local cloud daed. Did you mean dead? "welkin local up --name daed" starts one.')
  })
})
