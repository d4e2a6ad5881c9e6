import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, inCloud } from './in-cloud.ts'
import { directoryOf, holdersOf, keepNotes, note, noteKind, textOf } from './directory-kit.ts'

/** Keys of a story. */
const KEYS = Array.from({ length: 40 }, (_, i) => `key ${i}`)

async function putAll (cloud: VirtualCloud, from: string, version = 1): Promise<void> {
  for (const key of KEYS) await directoryOf(cloud, from).put('note', key, note(version, `${key} v${version}`))
}

async function found (cloud: VirtualCloud, from: string): Promise<Array<string | undefined>> {
  return await Promise.all(KEYS.map(async key => textOf(await directoryOf(cloud, from).get('note', key))))
}

const allOf = (version: number): string[] => KEYS.map(key => `${key} v${version}`)

describe('the directory', () => {
  it('keeps a record on the eight nearest nodes, and every node finds it', async () => {
    await inCloud({ nodes: 20 }, async cloud => {
      keepNotes(cloud)
      await putAll(cloud, 'n1')
      await cloud.pass(2000)
      for (const name of ['n1', 'n7', 'n20']) expect(await found(cloud, name)).to.deep.equal(allOf(1))
      for (const key of KEYS) expect(holdersOf(cloud, key), key).to.have.lengthOf(8)
      expect(await directoryOf(cloud, 'n3').get('note', 'nothing')).to.equal(undefined)
    })
  })

  it('answers a get with the latest put, at once and everywhere', async () => {
    await inCloud({ nodes: 20 }, async cloud => {
      keepNotes(cloud)
      for (let version = 1; version <= 20; version++) {
        const writer = directoryOf(cloud, `n${1 + version % 20}`)
        expect((await writer.put('note', 'k', note(version, `v${version}`))).holders).to.be.at.least(5)
        const records = await Promise.all(cloud.nodes().map(({ directory }) => directory.get('note', 'k')))
        const texts = records.map(textOf)
        expect(new Set(texts)).to.deep.equal(new Set([`v${version}`]))
      }
    })
  })

  it('tells a late writer what is there already', async () => {
    await inCloud({ nodes: 9 }, async cloud => {
      keepNotes(cloud)
      await directoryOf(cloud, 'n1').put('note', 'k', note(7, 'new'))
      const { record } = await directoryOf(cloud, 'n2').put('note', 'k', note(3, 'old'))
      expect(textOf(record)).to.equal('new')
      expect(holdersOf(cloud, 'k', 'old')).to.deep.equal([])
    })
  })

  it('works in a cloud of one, and of two', async () => {
    for (const nodes of [1, 2]) {
      await inCloud({ nodes }, async cloud => {
        keepNotes(cloud)
        expect(await directoryOf(cloud, 'n1').get('note', 'k')).to.equal(undefined)
        expect((await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'one'))).holders).to.equal(nodes)
        for (const { directory } of cloud.nodes()) expect(textOf(await directory.get('note', 'k'))).to.equal('one')
      })
    }
  })

  it('finds what is kept in any of many sites', async () => {
    await inCloud({ nodes: 36, sites: 6 }, async cloud => {
      keepNotes(cloud)
      await cloud.pass(40_000)
      await putAll(cloud, 'n1')
      for (const { id } of cloud.nodes()) expect(await found(cloud, id), id).to.deep.equal(allOf(1))
    })
  })

  it('loses nothing when nodes come and go, though more do than keep a record', async () => {
    await inCloud({ nodes: 24 }, async cloud => {
      keepNotes(cloud)
      await putAll(cloud, 'n1')
      for (let round = 0; round < 6; round++) {
        const lost = [4 * round + 1, 4 * round + 2, 4 * round + 3].map(i => `n${i}`)
        for (const name of lost) cloud.powerOff(name)
        const witness = cloud.nodes()[0]?.id as string
        expect(await found(cloud, witness), 'at once').to.deep.equal(allOf(1))
        await cloud.pass(30_000)
        for (const name of lost) {
          await cloud.start(name, [witness])
          directoryOf(cloud, name).keep(noteKind())
        }
        await cloud.pass(30_000)
      }
      for (const { id } of cloud.nodes()) expect(await found(cloud, id), id).to.deep.equal(allOf(1))
      await cloud.pass(120_000)
      for (const key of KEYS) expect(holdersOf(cloud, key), key).to.have.lengthOf(8)
    })
  })

  it('loses nothing when all restart within minutes, each so soon that nobody held it to be down', async () => {
    await inCloud({ nodes: 6 }, async cloud => {
      keepNotes(cloud)
      await putAll(cloud, 'n1')
      for (const { id } of cloud.nodes()) {
        cloud.powerOff(id)
        await cloud.start(id, cloud.nodes().slice(0, 2).map(node => node.id))
        directoryOf(cloud, id).keep(noteKind())
        await cloud.pass(10_000)
      }
      for (const key of KEYS) expect(holdersOf(cloud, key), key).to.have.lengthOf(6)
      for (const { id } of cloud.nodes()) expect(await found(cloud, id), id).to.deep.equal(allOf(1))
    })
  })

  it('brings a newcomer what it is to keep, however often that could not be done', async () => {
    await inCloud({ nodes: 8 }, async cloud => {
      keepNotes(cloud)
      cloud.powerOff('n8')
      await cloud.pass(20_000)
      await putAll(cloud, 'n1')
      await cloud.start('n8', ['n1'])
      const { handlers } = cloud.waysOf('n8') as NonNullable<ReturnType<VirtualCloud['waysOf']>>
      const handler = handlers.get('/welkin/directory/1') as NonNullable<ReturnType<typeof handlers.get>>
      let refused = 0
      handlers.set('/welkin/directory/1', {
        ...handler,
        request: async () => {
          refused++
          throw new CloudError('EAGAIN', 'It has too much to do.')
        }
      })
      await cloud.pass(20_000)
      expect(refused).to.be.above(7)
      directoryOf(cloud, 'n8').keep(noteKind())
      handlers.set('/welkin/directory/1', handler)
      await cloud.pass(10_000)
      for (const key of KEYS) expect(holdersOf(cloud, key), key).to.have.lengthOf(8)
    })
  })

  it('brings a holder that was behind up to date when somebody looks', async () => {
    await inCloud({ nodes: 12 }, async cloud => {
      keepNotes(cloud)
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'old'))
      const holders = holdersOf(cloud, 'k')
      const cut = holders.filter(name => name !== 'n1').slice(0, 2)
      cloud.network.partition([cut, cloud.nodes().map(({ id }) => id).filter(id => !cut.includes(id))])
      await directoryOf(cloud, 'n1').put('note', 'k', note(2, 'new'))
      cloud.network.heal()
      await cloud.pass(30_000)
      for (const { directory } of cloud.nodes()) await directory.get('note', 'k')
      await cloud.pass(1000)
      expect(holdersOf(cloud, 'k', 'old')).to.deep.equal([])
    })
  })

  it('merges what two sides of a cut have put, when it is mended', async () => {
    await inCloud({ nodes: 16 }, async cloud => {
      keepNotes(cloud)
      const ids = cloud.nodes().map(({ id }) => id)
      cloud.network.partition([ids.slice(0, 8), ids.slice(8)])
      await cloud.pass(20_000)
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'left'))
      await directoryOf(cloud, 'n16').put('note', 'k', note(2, 'right'))
      await directoryOf(cloud, 'n2').put('note', 'l', note(1, 'left'))
      cloud.network.heal()
      await cloud.pass(60_000)
      for (const { directory } of cloud.nodes()) {
        expect(textOf(await directory.get('note', 'k'))).to.equal('right')
        expect(textOf(await directory.get('note', 'l'))).to.equal('left')
      }
    })
  })

  it('tells whoever asked of changes, once each, until the time is over', async () => {
    await inCloud({ nodes: 16 }, async cloud => {
      const told: string[] = []
      for (const { directory, id } of cloud.nodes()) {
        directory.keep(noteKind((key, text) => told.push(`${id} ${key} ${text}`)))
      }
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'a'))
      await directoryOf(cloud, 'n5').get('note', 'k', { tellMs: 60_000 })
      for (const [version, text] of [[2, 'b'], [3, 'c']] as const) {
        await directoryOf(cloud, 'n2').put('note', 'k', note(version, text))
        await cloud.pass(1000)
      }
      expect(told).to.deep.equal(['n5 k b', 'n5 k c'])
      await cloud.pass(60_000)
      await directoryOf(cloud, 'n2').put('note', 'k', note(4, 'd'))
      await cloud.pass(1000)
      expect(told).to.have.lengthOf(2)
    })
  })

  it('forgets what has expired', async () => {
    await inCloud({ nodes: 9 }, async cloud => {
      keepNotes(cloud)
      const wallMs = (): number => cloud.machines.get('n1')?.quartz.wallMs() as number
      expect(await codeOf(directoryOf(cloud, 'n1').put('note', 'k', note(1, 'x', wallMs() - 1)))).to.equal('EINVAL')
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'x', wallMs() + 10_000))
      expect(textOf(await directoryOf(cloud, 'n2').get('note', 'k'))).to.equal('x')
      await cloud.pass(10_000)
      expect(await directoryOf(cloud, 'n2').get('note', 'k')).to.equal(undefined)
      expect(holdersOf(cloud, 'k')).to.deep.equal([])
    })
  })

  it('says nothing while it keeps nothing', async () => {
    await inCloud({ nodes: 12 }, async cloud => {
      keepNotes(cloud)
      let asked = 0
      for (const { id } of cloud.nodes()) {
        const { handlers } = cloud.waysOf(id) as NonNullable<ReturnType<VirtualCloud['waysOf']>>
        const handler = handlers.get('/welkin/directory/1')
        if (handler === undefined) throw new Error('It is not served.')
        handlers.set('/welkin/directory/1', {
          ...handler,
          request: async (payload, incoming) => {
            asked++
            return await handler.request(payload, incoming)
          }
        })
      }
      await cloud.pass(120_000)
      expect(asked).to.equal(0)
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'x'))
      expect(asked).to.be.within(7, 8)
      await cloud.pass(300_000)
      expect(asked, 'each holder compares with the next one, once').to.be.at.most(8 + 8)
    })
  })

  it('refuses what may not stand under a key, and what it does not know, before anybody is asked', async () => {
    await inCloud({ nodes: 9 }, async cloud => {
      keepNotes(cloud)
      const { put } = { put: async (kind: string, key: string, record: Uint8Array) =>
        await codeOf(directoryOf(cloud, 'n1').put(kind, key, record)) }
      expect(await put('note', 'k', note(1, 'forbidden'))).to.equal('EACCES')
      expect(await put('note', 'k', new Uint8Array(9))).to.equal('EPROTO')
      expect(await put('note', 'k', note(1, 'x'.repeat(256 * 1024)))).to.equal('E2BIG')
      expect(await put('note', 'k'.repeat(513), note(1, 'x'))).to.equal('EINVAL')
      expect(await put('other', 'k', note(1, 'x'))).to.equal('ENOSYS')
      expect(holdersOf(cloud, 'k')).to.deep.equal([])
    })
  })

  it('says when too few of the holders are there', async () => {
    await inCloud({ nodes: 9 }, async cloud => {
      keepNotes(cloud)
      cloud.network.partition([['n1'], cloud.nodes().map(({ id }) => id).filter(id => id !== 'n1')])
      const asked = [
        codeOf(directoryOf(cloud, 'n1').put('note', 'k', note(1, 'x'), { timeoutMs: 700 })),
        codeOf(directoryOf(cloud, 'n1').get('note', 'other', { timeoutMs: 700 }))
      ]
      const beganMs = cloud.nowMs
      expect(await Promise.all(asked)).to.deep.equal(['ETIMEDOUT', 'ETIMEDOUT'])
      expect(cloud.nowMs - beganMs).to.be.below(710)
    })
  })
})
