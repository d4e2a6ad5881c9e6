import { expect } from 'chai'
import { CloudError, type Resolved } from '@welkin/interface'
import { createNaming, type NameRecord, type Naming, type NamingOptions } from '../src/index.ts'
import { entry, OBJECT, PlayedCloud, row, virtualTime } from './kit.ts'

function setUp (options: Partial<NamingOptions> = {}) {
  const cloud = new PlayedCloud()
  const time = virtualTime()
  const naming = createNaming({ syscalls: cloud.syscalls, ...time }, options)
  const changed: string[] = []
  naming.onChanged(name => { changed.push(name) })
  for (const [id, rttMs] of [['n1', 0], ['n2', 8], ['n3', 30]] as const) cloud.rows.set(id, row(id, { rttMs }))
  cloud.set('web.acme', [
    entry({ object: OBJECT.web, node: 'n3', ports: { http: 80 } }), entry({ object: OBJECT.mail, node: 'n2' })
  ])
  const resolve = async (name: string): Promise<Resolved> => await time.timeline.until(naming.resolve(name))
  const refusal = async (name: string): Promise<CloudError> =>
    await resolve(name).then(() => { throw new Error('It was found.') }, error => error as CloudError)
  const wait = async (ms: number): Promise<void> => await time.timeline.runUntil(time.timeline.nowMs + ms)
  return { cloud, time, naming, changed, resolve, refusal, wait }
}

const objectsOf = ({ endpoints }: Resolved) => endpoints.map(({ object }) => object)
const timesAsked = ({ asked }: PlayedCloud, what: string) => asked.filter(name => name === what).length

describe('naming', () => {
  it('gives what a name stands for, nearest first, with the node and its addresses', async () => {
    const { resolve } = setUp()
    const found = await resolve('Web.Acme.welkin.')
    expect(found).to.deep.include({ name: 'web.acme', ttlMs: 10_000 })
    expect(found.endpoints[1]).to.deep.equal({
      object: OBJECT.web, blob: undefined, node: 'n3', nodeName: 'n3', addresses: ['10.0.0.3'], ports: { http: 80 },
      rttMs: 30
    })
    expect(objectsOf(found)).to.deep.equal([OBJECT.mail, OBJECT.web])
  })

  it('leaves out what is on nodes that are down, and says EHOSTDOWN where nothing is left', async () => {
    const { cloud, resolve, refusal, wait } = setUp()
    cloud.rows.set('n2', row('n2', { state: 'down' }))
    expect(objectsOf(await resolve('web.acme'))).to.deep.equal([OBJECT.web])
    cloud.rows.set('n3', row('n3', { state: 'down' }))
    await wait(2500)
    expect(await refusal('web.acme')).to.include({ code: 'EHOSTDOWN' })
  })

  it('keeps what nobody knows the place of, last and without addresses', async () => {
    const { cloud, resolve } = setUp()
    cloud.rows.delete('n2')
    const { endpoints } = await resolve('web.acme')
    expect(endpoints.map(({ node, addresses }) => [node, addresses.length])).to.deep.equal([['n3', 1], ['n2', 0]])
  })

  it('remembers a name for its TTL, and tells how much of that is left', async () => {
    const { cloud, resolve, wait } = setUp({ watched: false })
    await resolve('web.acme')
    await wait(4000)
    expect((await resolve('web.acme')).ttlMs).to.equal(6000)
    expect(timesAsked(cloud, 'web.acme')).to.equal(1)
    await wait(6000)
    await resolve('web.acme')
    expect(timesAsked(cloud, 'web.acme')).to.equal(2)
  })

  it('asks each time for what may not be remembered', async () => {
    const { cloud, resolve } = setUp()
    cloud.set('now.acme', [entry({ node: 'n1' })], 0)
    await resolve('now.acme')
    expect((await resolve('now.acme')).ttlMs).to.equal(0)
    expect(timesAsked(cloud, 'now.acme')).to.equal(2)
  })

  it('remembers shortly that a name stands for nothing', async () => {
    const { cloud, refusal, resolve, wait } = setUp()
    expect(await refusal('new.acme')).to.include({ code: 'ENOENT' })
    expect(await refusal('new.acme')).to.include({ code: 'ENOENT' })
    expect(timesAsked(cloud, 'new.acme')).to.equal(1)
    cloud.set('new.acme', [entry({ node: 'n1' })])
    await wait(1000)
    expect((await resolve('new.acme')).endpoints).to.have.length(1)
  })

  it('does not remember that it could not ask', async () => {
    const { cloud, refusal, resolve } = setUp()
    cloud.failing = new CloudError('EHOSTUNREACH', 'No way.')
    expect(await refusal('web.acme')).to.include({ code: 'EHOSTUNREACH' })
    cloud.failing = undefined
    expect((await resolve('web.acme')).endpoints).to.have.length(2)
  })

  it('asks once for many who want to know at the same time, and lets each give up for itself', async () => {
    const { cloud, naming, time } = setUp()
    let answer = (): void => {}
    cloud.held = new Promise(resolve => { answer = resolve })
    const impatient = naming.resolve('web.acme', { timeoutMs: 100 }).catch((error: unknown) => error)
    const all = Promise.all([naming.resolve('web.acme'), naming.resolve('WEB.acme')])
    await time.timeline.runUntil(200)
    expect(await impatient).to.include({ code: 'ETIMEDOUT' })
    answer()
    expect(await time.timeline.until(all)).to.have.length(2)
    expect(timesAsked(cloud, 'web.acme')).to.equal(1)
    expect(timesAsked(cloud, 'find')).to.equal(1)
  })

  it('refuses what is no name without asking anybody', async () => {
    const { cloud, refusal } = setUp()
    expect(await refusal('we b')).to.include({ code: 'EINVAL' })
    expect(cloud.asked).to.deep.equal([])
  })

  it('refuses options that do not fit, all of them at once', () => {
    expect(() => setUp({ namesMax: 0, timeoutMs: -1 })).to.throw(/namesMax.*timeoutMs/).with.property('code', 'EINVAL')
  })
})

describe('the conversation that keeps names right', () => {
  it('is one for all names, and what it tells is believed at once', async () => {
    const { cloud, changed, resolve, wait } = setUp()
    cloud.set('db.acme', [entry({ node: 'n1' })])
    await resolve('web.acme')
    await resolve('db.acme')
    await wait(0)
    expect(cloud.wished).to.deep.equal([{ names: ['web.acme'] }, { watch: ['db.acme'] }])
    cloud.set('web.acme', [entry({ object: OBJECT.third, node: 'n1' })])
    cloud.tell('web.acme', cloud.records.get('web.acme') as NameRecord)
    await wait(1)
    expect(objectsOf(await resolve('web.acme'))).to.deep.equal([OBJECT.third])
    expect(timesAsked(cloud, 'web.acme')).to.equal(1)
    expect(changed).to.deep.equal(['web.acme'])
  })

  it('tells of a name that stands for nothing any more', async () => {
    const { cloud, changed, refusal, resolve, wait } = setUp()
    await resolve('web.acme')
    cloud.tell('web.acme', { name: 'web.acme', rule: 'both', entries: [], ttlMs: 10_000 })
    await wait(1)
    expect(await refusal('web.acme')).to.include({ code: 'ENOENT' })
    expect(changed).to.deep.equal(['web.acme'])
  })

  it('says nothing new where a name was only renewed', async () => {
    const { cloud, changed, resolve, wait } = setUp()
    await resolve('web.acme')
    const record = cloud.records.get('web.acme') as NameRecord
    cloud.tell('web.acme', { ...record, entries: record.entries.map(it => ({ ...it, untilMs: 2e12 })) })
    await wait(1)
    expect(changed).to.deep.equal([])
  })

  it('overtakes an answer that is under way', async () => {
    const { cloud, naming, resolve, time, wait } = setUp()
    cloud.set('web.acme', [entry({ object: OBJECT.web, node: 'n1' })], 1000)
    await resolve('web.acme')
    await wait(1500)
    let answer = (): void => {}
    cloud.held = new Promise(done => { answer = done })
    const old = naming.resolve('web.acme')
    await wait(1)
    cloud.tell('web.acme', {
      name: 'web.acme', rule: 'both', ttlMs: 1000, entries: [entry({ object: OBJECT.third, node: 'n1' })]
    })
    await wait(1)
    answer()
    await time.timeline.until(old)
    expect(objectsOf(await resolve('web.acme'))).to.deep.equal([OBJECT.third])
  })

  it('is begun again after a pause when it breaks, with all names; until then TTLs count', async () => {
    const { cloud, resolve, wait } = setUp()
    await resolve('web.acme')
    cloud.conversations[0]?.fail(new CloudError('ECONNRESET', 'Gone.'))
    await wait(1)
    expect(cloud.conversations).to.have.length(1)
    expect((await resolve('web.acme')).ttlMs).to.be.within(1, 9999)
    await wait(600)
    expect(cloud.wished.at(-1)).to.deep.equal({ names: ['web.acme'] })
    expect(cloud.conversations).to.have.length(2)
  })

  it('is asked for ever less often while it breaks at once', async () => {
    const { cloud, resolve, wait } = setUp({ idleMs: 3_600_000 })
    await resolve('web.acme')
    const before = [...cloud.conversations]
    for (let seconds = 0; seconds < 300; seconds++) {
      cloud.conversations.at(-1)?.fail(new CloudError('ECONNRESET', 'Gone.'))
      await wait(1000)
    }
    expect(cloud.conversations.length - before.length).to.be.within(8, 25)
  })

  it('ends when nothing is wanted any more, and begins when something is', async () => {
    const { cloud, naming, resolve, wait } = setUp({ idleMs: 10_000 })
    await resolve('web.acme')
    await wait(25_000)
    await resolve('web.acme')
    await wait(1000)
    expect(cloud.conversations).to.have.length(2)
    naming.stop()
    await wait(60_000)
    expect(cloud.conversations).to.have.length(2)
  })

  it('forgets the names that make room for others', async () => {
    const { cloud, resolve, wait } = setUp({ namesMax: 1 })
    cloud.set('db.acme', [entry({ node: 'n1' })])
    await resolve('web.acme')
    await resolve('db.acme')
    await wait(0)
    expect(cloud.wished.slice(1)).to.deep.include({ forget: ['web.acme'] })
  })

  it('is left alone by who does not want it', async () => {
    const { cloud, resolve } = setUp({ watched: false })
    await resolve('web.acme')
    expect(cloud.conversations).to.have.length(0)
  })
})

describe('what naming passes on', () => {
  it('has names as all write them', async () => {
    const { naming } = setUp()
    const bound = await naming.bind({ name: 'Web.Acme.welkin', to: { node: 'n1' } })
    expect(bound.name).to.equal('web.acme')
    expect((await naming.list({ under: 'ACME.' })).silent).to.deep.equal(['acme'])
  })

  it('is not sent where a name is none', async () => {
    const { naming }: { naming: Naming } = setUp()
    const error = await naming.bind({ name: '_web', to: { node: 'n1' } }).catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'EINVAL' })
  })
})
