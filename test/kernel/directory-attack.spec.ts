import { expect } from 'chai'
import { encode } from '@welkin/abi'
import { CloudError, type Handler, type NodeId } from '@welkin/interface'
import { createVirtualRandom } from '@welkin/platform-virtual'
import type { VirtualCloud } from '@welkin/sim'
import { codeOf, inCloud } from './in-cloud.ts'
import { directoryOf, holdersOf, keepNotes, note, noteKind, textOf } from './directory-kit.ts'

const PROTOCOL = '/welkin/directory/1'
/** Who does not wish the others well: a member all the same. */
const MALLORY = 'n3'
const [FIND, GET, PUT, COMPARE, HAVE, STORE, CHANGED] = [1, 2, 3, 4, 5, 6, 7]

type Ways = NonNullable<ReturnType<VirtualCloud['waysOf']>>

function waysOf (cloud: VirtualCloud, name: NodeId): Ways {
  return cloud.waysOf(name) as Ways
}

/** From now on Mallory answers as `answer` says. */
function turn (cloud: VirtualCloud, answer: (payload: Uint8Array) => Promise<Uint8Array>): void {
  const handler: Handler = { request: answer, channel: async () => {} }
  waysOf(cloud, MALLORY).handlers.set(PROTOCOL, handler)
}

async function ask (cloud: VirtualCloud, question: unknown, to = 'n1'): Promise<Uint8Array> {
  const payload = question instanceof Uint8Array ? question : encode(question)
  return await waysOf(cloud, MALLORY).transport.link(to, PROTOCOL).request(payload, { timeoutMs: 5000 })
}

async function hurts (sites: number, answer: (payload: Uint8Array) => Promise<Uint8Array>): Promise<void> {
  await inCloud({ nodes: 18, sites, hostile: true }, async cloud => {
    keepNotes(cloud)
    await cloud.pass(40_000)
    turn(cloud, answer)
    const honest = cloud.nodes().filter(({ id }) => id !== MALLORY)
    for (let i = 0; i < 20; i++) await directoryOf(cloud, `n${4 + i % 15}`).put('note', `k${i}`, note(1, `v${i}`))
    let slowestMs = 0
    for (let i = 0; i < 20; i++) {
      const { directory } = honest[i % honest.length] as typeof honest[number]
      const beganMs = cloud.nowMs
      expect(textOf(await directory.get('note', `k${i}`))).to.equal(`v${i}`)
      slowestMs = Math.max(slowestMs, cloud.nowMs - beganMs)
    }
    expect(slowestMs).to.be.below(1500)
    const beganMs = cloud.nowMs
    await codeOf(directoryOf(cloud, 'n1').get('note', 'nothing', { timeoutMs: 300 }))
    expect(cloud.nowMs - beganMs).to.be.at.most(301)
  })
}

describe('a directory with a member that lies', () => {
  it('finds all the same when it stalls', async () => {
    await hurts(1, async () => await new Promise(() => {}))
  })

  it('finds all the same when it answers nonsense', async () => {
    const random = createVirtualRandom('nonsense')
    await hurts(1, async () => random.bytes(1 + Math.floor(random.unit() * 60)))
    await hurts(3, async () => encode([[['x', 7]], 3]))
  })

  it('finds all the same when it fails each time', async () => {
    await hurts(1, async () => { throw new CloudError('EFAULT', 'Broken.') })
    await hurts(1, async () => { throw new CloudError('EAGAIN', 'Later.') })
  })

  it('finds all the same when it has nothing, or something that nobody may write', async () => {
    await hurts(1, async () => encode([null, false, []]))
    await hurts(1, async () => encode([note(9, 'forbidden'), false, []]))
    await hurts(1, async () => encode([new Uint8Array(300 * 1024), false, []]))
  })

  it('finds all the same when it tells of nodes that are not there, of thousands, or of itself alone', async () => {
    const liesOf = (nodes: unknown[]) => async (payload: Uint8Array): Promise<Uint8Array> =>
      payload[1] === FIND ? encode(nodes) : encode([null, false, nodes])
    const madeUp = Array.from({ length: 8 }, (_, i) => [`ghost${i}`, [`virtual:ghost${i}`]])
    await hurts(3, liesOf(madeUp))
    await hurts(3, liesOf(Array.from({ length: 5000 }, (_, i) => [`ghost${i}`, []])))
    await hurts(3, liesOf([[MALLORY, [`virtual:${MALLORY}`]]]))
    await hurts(3, liesOf(['n1', 'n2', 'n4'].map(id => [id, ['virtual:nowhere']])))
  })
})

describe('a node that is asked nonsense', () => {
  it('says EPROTO, and goes on', async () => {
    await inCloud({ nodes: 9, hostile: true }, async cloud => {
      keepNotes(cloud)
      const nonsense: unknown[] = [
        [], [0], [99, 'note'], 'text', null, { kind: 'note' }, [FIND], [FIND, new Uint8Array(31), []],
        [FIND, new Uint8Array(32), [7]], [FIND, new Uint8Array(32), Array.from({ length: 33 }, () => 'a')],
        [GET, 'note'], [GET, 'note', 'k', -1, true, []], [GET, 'NOTE', 'k', 0, true, []],
        [GET, 'note', 'k'.repeat(513), 0, true, []], [PUT, 'note', 'k'], [PUT, 'note', 'k', 'text'],
        [COMPARE, 'note', 7], [HAVE, 'note', new Uint8Array(17)], [HAVE, 'note', new Uint8Array(16 * 1025)],
        [STORE, 'note', [['k']]], [STORE, 'note', Array.from({ length: 1025 }, () => ['k', new Uint8Array(1)])],
        [CHANGED, 'note', 'k', null], new Uint8Array(), new Uint8Array([0xc1])
      ]
      for (const question of nonsense) {
        expect(await codeOf(ask(cloud, question)), JSON.stringify(question)?.slice(0, 60)).to.equal('EPROTO')
      }
      const channel = waysOf(cloud, MALLORY).transport.link('n1', PROTOCOL).open(encode([FIND]))
      const read = async (): Promise<void> => { for await (const _ of channel) { /* nothing comes */ } }
      expect(await codeOf(read())).to.equal('EPROTO')
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'v'))
    })
  })

  it('takes no record that its kind refuses, by whatever question it comes', async () => {
    await inCloud({ nodes: 9, hostile: true }, async cloud => {
      keepNotes(cloud)
      const told: string[] = []
      const forbidden = note(9, 'forbidden')
      expect(await codeOf(ask(cloud, [PUT, 'note', 'k', forbidden]))).to.equal('EACCES')
      expect(await codeOf(ask(cloud, [PUT, 'note', 'k', note(1, 'x'.repeat(300_000))]))).to.equal('E2BIG')
      expect(await codeOf(ask(cloud, [PUT, 'note', 'k', note(1, 'x', 1)]))).to.equal('EINVAL')
      expect(await codeOf(ask(cloud, [PUT, 'other', 'k', note(1, 'x')]))).to.equal('ENOSYS')
      expect(await codeOf(ask(cloud, [STORE, 'note', [['k', forbidden], ['l', note(1, 'fine')]]]))).to.equal('none')
      expect(holdersOf(cloud, 'k')).to.deep.equal([])
      expect(holdersOf(cloud, 'l')).to.deep.equal(['n1'])
      await directoryOf(cloud, 'n1').get('note', 'asked', { tellMs: 60_000 })
      expect(await codeOf(ask(cloud, [CHANGED, 'note', 'asked', forbidden]))).to.equal('EACCES')
      expect(await codeOf(ask(cloud, [CHANGED, 'note', 'never asked', note(1, 'x')]))).to.equal('none')
      expect(told).to.deep.equal([])
      expect(await directoryOf(cloud, 'n1').get('note', 'never asked')).to.equal(undefined)
    })
  })

  it('keeps a place for the others when one peer gives without end', async () => {
    await inCloud({ nodes: 9, hostile: true, nodeOptions: { directory: { recordsMax: 100 } } }, async cloud => {
      keepNotes(cloud)
      const codes: string[] = []
      for (let i = 0; i < 200; i++) codes.push(await codeOf(ask(cloud, [PUT, 'note', `flood ${i}`, note(1, 'x')])))
      expect(codes.filter(code => code === 'none')).to.have.lengthOf(50)
      expect(new Set(codes.slice(50))).to.deep.equal(new Set(['EAGAIN']))
      for (let i = 0; i < 20; i++) {
        expect((await directoryOf(cloud, 'n2').put('note', `k${i}`, note(1, 'x'))).holders).to.be.at.least(5)
      }
    })
  })

  it('answers one peer so much a second, and the others meanwhile', async () => {
    await inCloud({ nodes: 9, hostile: true, nodeOptions: { directory: { questionsPerSecond: 100 } } }, async cloud => {
      keepNotes(cloud)
      await directoryOf(cloud, 'n2').put('note', 'k', note(1, 'v'))
      const get = [GET, 'note', 'k', 0, false, []]
      const storm = await Promise.all(Array.from({ length: 1000 }, () => codeOf(ask(cloud, get))))
      expect(storm.filter(code => code === 'none').length).to.be.within(100, 150)
      expect(new Set(storm)).to.deep.equal(new Set(['none', 'EAGAIN']))
      expect(textOf(await directoryOf(cloud, 'n2').get('note', 'k'))).to.equal('v')
    })
  })

  it('shares what many ask for at once', async () => {
    await inCloud({ nodes: 20 }, async cloud => {
      keepNotes(cloud)
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'v'))
      await cloud.pass(2000)
      const { directory, id } = cloud.nodes()[9] as ReturnType<VirtualCloud['nodes']>[number]
      const before = cloud.network.trafficOf(id).sentMessages
      const texts = await Promise.all(Array.from({ length: 500 }, async () => textOf(await directory.get('note', 'k'))))
      expect(new Set(texts)).to.deep.equal(new Set(['v']))
      expect(cloud.network.trafficOf(id).sentMessages - before).to.be.below(40)
    })
  })

  it('promises to tell no more than it can remember', async () => {
    await inCloud({ nodes: 9, hostile: true, nodeOptions: { directory: { tellsMax: 100 } } }, async cloud => {
      const told: string[] = []
      for (const { directory } of cloud.nodes()) directory.keep(noteKind(key => told.push(key)))
      for (let i = 0; i < 50; i++) await ask(cloud, [GET, 'note', `flood ${i}`, 60_000, false, []])
      await directoryOf(cloud, 'n5').get('note', 'k', { tellMs: 60_000 })
      await directoryOf(cloud, 'n1').put('note', 'k', note(1, 'v'))
      await cloud.pass(1000)
      expect(told).to.deep.equal(['k'])
    })
  })
})
