import { Mailbox } from '@welkin/async'
import { expect } from 'chai'
import type { NodeId, ObjectId } from '@welkin/interface'
import type { VirtualCloud } from '@welkin/sim'
import type { ArgsOf, Syscalls } from '@welkin/syscalls'
import { all, bytesOf, codeOf, inCloud, run, textOf } from './in-cloud.ts'
import { runningOn } from './moving.ts'
import { Outsider } from './outsider.ts'

/** Counts lines, has a mebibyte and writes to it. */
const COUNTING = [
  'run', '--seconds', '60', '--count', '100', '--memory', `${2 ** 20}`, '--dirty', `${2 ** 18}`
]

async function counting (
  cloud: VirtualCloud, on: string, argv = COUNTING, files: Array<{ path: string, blob: string }> = []
): Promise<ObjectId> {
  const { id } = await run(cloud.syscalls('n1'), argv, { on, files })
  await cloud.until(() => runningOn(cloud, id).length > 0, { timeoutMs: 5000 })
  await cloud.pass(500)
  return id
}

async function move (cloud: VirtualCloud, args: ArgsOf<'migrate'>, asked = 'n1') {
  return await all(cloud.syscalls(asked).migrate(args))
}

/** What one node asks of another on its own account. */
function asNode (cloud: VirtualCloud, from: NodeId, to: NodeId): Syscalls {
  const node = cloud.node(from) as NonNullable<ReturnType<VirtualCloud['node']>>
  return node.dispatcher.at(to)
}

/** Lines that count, with none missing and none twice. */
function expectCounted (text: string): void {
  const lines = text.trimEnd().split('\n')
  expect(lines).to.deep.equal(lines.map((_line, at) => `${at + 1}`))
}

describe('a move', () => {
  it('takes an object to another node while it runs, with its name, id and what it wrote', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), COUNTING, { on: 'n2', name: 'crunch' })
      await cloud.pass(1000)
      const before = await cloud.syscalls('n1').stat({ id })
      const items = await move(cloud, { ids: ['crunch'], to: 'n3' })
      expect(items.at(-1)).to.deep.include({ kind: 'moved', id, from: 'n2', to: 'n3' })
      expect(runningOn(cloud, id)).to.deep.equal(['n3'])
      for (const asked of ['n1', 'n2', 'n3']) {
        const after = await cloud.syscalls(asked).stat({ id: 'crunch' })
        expect(after).to.deep.include({ id, node: 'n3', state: 'running', cp: before.cp, attempt: 0 })
        expect(after.spawnedAtMs).to.equal(before.spawnedAtMs)
      }
      await cloud.pass(2000)
      const text = await textOf(cloud.syscalls('n1').logs({ id }))
      expectCounted(text)
      expect(text.split('\n').length).to.be.greaterThan(25)
      expect((await cloud.syscalls('n2').kill({ id })).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    })
  })

  it('goes unnoticed by who follows its output, through several moves, and by who waits for its end', async () => {
    await inCloud({}, async cloud => {
      const argv = ['run', '--seconds', '8', '--count', '100', '--exit', '5']
      const { id } = await run(cloud.syscalls('n1'), argv, { on: 'n2' })
      const followed = textOf(cloud.syscalls('n1').logs({ id, follow: true }))
      const attached = all(cloud.syscalls('n3').attach({ id, from: {} }))
      const waited = cloud.syscalls('n1').wait({ id })
      for (const to of ['n3', 'n1', 'n2', 'n3']) {
        await cloud.pass(1000)
        await move(cloud, { ids: [id], to })
        expect(runningOn(cloud, id)).to.deep.equal([to])
      }
      expect((await waited).exit).to.deep.equal({ kind: 'exited', code: 5 })
      const text = await followed
      expectCounted(text)
      expect(text.trimEnd().split('\n').length).to.be.within(79, 80)
      const items = await attached
      expect(items.at(-1)).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 5 } })
      expectCounted(items.flatMap(item => item.kind === 'output' ? [Buffer.from(item.bytes).toString()] : []).join(''))
    })
  })

  it('passes standard input on to where the object is', async () => {
    await inCloud({}, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['cat'], { on: 'n2', input: true })
      async function * input () {
        for (let i = 0; i < 20; i++) {
          yield { bytes: new TextEncoder().encode(`${i + 1}\n`) }
          await cloud.pass(100)
        }
      }
      const attached = all(cloud.syscalls('n1').attach({ id, from: {}, input: true }, { input: input() }))
      await cloud.pass(700)
      await move(cloud, { ids: [id], to: 'n3' })
      const items = await attached
      expect(items.at(-1)).to.deep.equal({ kind: 'exit', exit: { kind: 'exited', code: 0 } })
      const text = items.flatMap(item => item.kind === 'output' ? [Buffer.from(item.bytes).toString()] : []).join('')
      expectCounted(text)
      expect(text.trimEnd().split('\n')).to.have.lengthOf(20)
    })
  })

  it('takes all objects of a bundle, or none', async () => {
    await inCloud({ nodes: 4 }, async cloud => {
      const ids = [await counting(cloud, 'n2'), await counting(cloud, 'n3')]
      const items = await move(cloud, { ids, to: 'n4' })
      expect(items.filter(({ kind }) => kind === 'moved')).to.have.lengthOf(2)
      expect(ids.map(id => runningOn(cloud, id))).to.deep.equal([['n4'], ['n4']])
      const native = await run(cloud.syscalls('n1'), ['cat'], { on: 'n2' })
      expect(await codeOf(move(cloud, { ids: [...ids, native.id], to: 'n1' }))).to.not.equal('none')
      await cloud.pass(1000)
      expect(ids.map(id => runningOn(cloud, id))).to.deep.equal([['n4'], ['n4']])
      for (const id of ids) expectCounted(await textOf(cloud.syscalls('n1').logs({ id })))
    })
  })

  it('waits for what is being prepared still, and for where it was before to know that it came', async () => {
    await inCloud({ nodes: 4 }, async cloud => {
      const { blob } = await cloud.syscalls('n4').blob.put({}, { input: bytesOf('x'.repeat(2 ** 20)) })
      const { id } = await run(cloud.syscalls('n1'), COUNTING, { on: 'n2', files: [{ path: 'data', blob }] })
      expect(runningOn(cloud, id)).to.deep.equal([])
      expect((await cloud.syscalls('n1').checkpoint({ id })).bytes).to.be.above(0)
      for (const to of ['n3', 'n2', 'n3']) expect((await move(cloud, { ids: [id], to })).at(-1)).to.include({ to })
      await cloud.pass(500)
      expect(runningOn(cloud, id)).to.deep.equal(['n3'])
      expectCounted(await textOf(cloud.syscalls('n1').logs({ id })))
    })
  })

  it('leads away from a node that was lost too often to count as up, but is heard', async () => {
    await inCloud({ nodes: 4 }, async cloud => {
      const { blob } = await cloud.syscalls('n2').blob.put({}, { input: bytesOf('only here') })
      const id = await counting(cloud, 'n2', COUNTING, [{ path: 'data', blob }])
      const backInMs = (): number | undefined => cloud.node('n1')?.membership.node('n2')?.backInMs
      for (let losses = 0; losses < 3; losses++) {
        cloud.crash('n2')
        await cloud.until(() => cloud.node('n1')?.membership.node('n2')?.state === 'down', { timeoutMs: 60_000 })
        await cloud.start('n2')
        await cloud.until(() => cloud.node('n1')?.membership.node('n2')?.state === 'up' || backInMs() !== undefined,
          { timeoutMs: 60_000 })
      }
      expect(backInMs()).to.be.within(1, 15_000)
      expect((await move(cloud, { ids: [id], to: 'n3' })).at(-1)).to.include({ kind: 'moved', from: 'n2', to: 'n3' })
      expect(backInMs(), 'it does not count as up yet').to.be.above(0)
    })
  })

  it('of what does not run in time says why, and of what has ended that it has', async () => {
    await inCloud({ nodeOptions: { migration: { underWayMs: 500 } } }, async cloud => {
      const failing = { restart: { policy: 'always' as const, firstMs: 60_000, maxMs: 60_000 } }
      const { id } = await run(cloud.syscalls('n1'), ['exit', '1'], { on: 'n2', ...failing })
      await cloud.pass(500)
      const error = await move(cloud, { ids: [id], to: 'n3' }).catch((reason: unknown) => reason)
      expect(error).to.include({ code: 'EAGAIN' }).and.have.property('message').that.includes('does not run yet')
      const ended = await run(cloud.syscalls('n1'), ['exit', '0'], { on: 'n2' })
      expect(await codeOf(move(cloud, { ids: [ended.id], to: 'n3' }))).to.equal('ESRCH')
    })
  })

  it('says what it would cost, and moves nothing', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2')
      await cloud.syscalls('n2').measure({ peers: ['n3'] }).catch(() => {})
      const [plan, ...others] = await move(cloud, { ids: [id], to: 'n3', explain: true })
      expect(others).to.deep.equal([])
      expect(plan).to.deep.include({ kind: 'plan', id, from: 'n2', to: 'n3', manner: 'live' })
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
    })
  })

  it('gives up, where asked, what writes faster than can be copied', async () => {
    await inCloud({}, async cloud => {
      const writer = ['run', '--seconds', '60', '--count', '100', '--memory', `${2 ** 24}`, '--dirty', `${2 ** 40}`]
      const id = await counting(cloud, 'n2', writer)
      expect(await codeOf(move(cloud, { ids: [id], to: 'n3', downMsMax: 1, giveUp: true }))).to.equal('EAGAIN')
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
      const items = await move(cloud, { ids: [id], to: 'n3', downMsMax: 1 })
      expect(items.at(-1)).to.have.property('kind', 'moved')
      await cloud.pass(500)
      expectCounted(await textOf(cloud.syscalls('n1').logs({ id })))
    })
  })

  it('sends of a state what has changed, and of zeros nothing', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2', ['run', '--seconds', '60', '--memory', `${2 ** 26}`])
      const items = await move(cloud, { ids: [id], to: 'n3' })
      // A quarter of it was written, at its beginning.
      expect(items.at(-1)).to.deep.include({ kind: 'moved', bytes: 2 ** 24, rounds: 1 })
    })
  })

  it('of a node away from others, and back near to one', async () => {
    await inCloud({ nodes: 4, sites: 2 }, async cloud => {
      const { name, zone } = cloud.places[0] as (typeof cloud.places)[number]
      const id = await counting(cloud, name)
      const site = zone.split('/').slice(0, 2).join('/')
      await move(cloud, { ids: [id], awayFrom: [site] })
      expect(cloud.zoneOf(runningOn(cloud, id)[0] as string).startsWith(site)).to.equal(false)
    })
  })
})

describe('in a guarded cloud', () => {
  it('a move goes by the rights of who asks, and the object keeps its owner and what it may do', async () => {
    await inCloud({ guarded: true, nodes: 4 }, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), COUNTING, { on: 'n2' })
      await cloud.pass(500)
      const { owner } = await cloud.syscalls('n1').stat({ id })
      for (const to of ['n3', 'n4', 'n2', 'n3']) {
        await move(cloud, { ids: [id], to })
        expect(runningOn(cloud, id)).to.deep.equal([to])
      }
      expect((await cloud.syscalls('n4').stat({ id })).owner).to.equal(owner)
      // By what its node was handed on it asks for itself, where it is now.
      expect((await cloud.objectSyscalls('n3', id).stat({ id })).node).to.equal('n3')
      expect((await cloud.syscalls('n4').kill({ id })).exit).to.deep.equal({ kind: 'signaled', signal: 'SIGTERM' })
    })
  })

  it('who gives input by way of the asked node stays attached, and else is told to attach again', async () => {
    await inCloud({ guarded: true }, async cloud => {
      const { id } = await run(cloud.syscalls('n1'), ['cat'], { on: 'n2', input: true })
      await cloud.pass(500)
      const typed = new Mailbox<{ bytes: Uint8Array }>()
      const attach = async (asked: string, input = new Mailbox<{ bytes: Uint8Array }>()) =>
        await all(cloud.syscalls(asked).attach({ id, from: {}, input: true }, { input }))
      const refused = attach('n1').catch((error: unknown) => error)
      await cloud.pass(500)
      await move(cloud, { ids: [id], to: 'n3' })
      expect(await refused).to.include({ code: 'ESTALE' }).and.have.property('message').that.includes('attach again')
      const attached = attach('n3', typed)
      await cloud.pass(500)
      await move(cloud, { ids: [id], to: 'n2' })
      typed.put({ bytes: new TextEncoder().encode('hello') })
      typed.end()
      expect((await attached).map(({ kind }) => kind)).to.deep.equal(['output', 'exit'])
    })
  })

  it('nobody moves what is not his, and no member says what only the source can say', async () => {
    await inCloud({ guarded: true, idle: [{ name: 'x1', zone: 'sim/s1/r9' }], hostile: true }, async cloud => {
      const id = await counting(cloud, 'n2')
      const guest = new Outsider(cloud, 'x1', [{ can: ['processes.*'], on: ['own'] }])
      const request = { id, move: '1'.repeat(32), to: 'n3', coordinator: 'x1' }
      expect(await codeOf(guest.ask('n2', 'move.spec', { id }))).to.equal('EACCES')
      expect(await codeOf(guest.ask('n2', 'move.size', { id, to: 'n3' }))).to.equal('EACCES')
      const forged = asNode(cloud, 'n1', 'n3')
      expect((await forged.move.take({ move: request.move, object: id })).taken).to.equal(false)
      expect(await codeOf(forged.move.lacks({ move: request.move, object: id, pages: [] }))).to.equal('ESTALE')
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
    })
  })
})

describe('a target', () => {
  const offerOf = async (cloud: VirtualCloud, id: ObjectId) => {
    const { record } = cloud.node('n2')?.processes.get(id) ?? {}
    const { cp, spec, spawnedAtMs } = record as NonNullable<typeof record>
    return { id: '7'.repeat(32), cp, spec, spawnedAtMs, token: 'x', attempt: 0, epoch: 1, chain: [] }
  }
  const move7 = '7'.repeat(32)

  it('takes no page that it has not asked for, and no state that is cut, mixed or forged', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2')
      const record = await offerOf(cloud, id)
      const there = asNode(cloud, 'n2', 'n3').move
      const about = { move: move7, object: record.id }
      await there.offer({ move: move7, source: 'n2', record })
      const page = new Uint8Array(65_536).fill(1)
      async function * pages () { yield page }
      expect(await codeOf(there.pages(about, { input: pages() }))).to.equal('EINVAL')
      const capture = await cloud.node('n2')?.processes.get(id).task?.capture?.({ stop: false })
      const { header, pages: names, output } = capture as NonNullable<typeof capture>
      const state = { ...about, manner: 'live' as const, header, output, earlier: [] }
      expect(await codeOf(there.state({ ...state, pages: [...names] })), 'no page has come').to.equal('ENOENT')
      expect(await codeOf(there.state({ ...state, pages: [] })), 'cut').to.equal('EINVAL')
      expect(await codeOf(there.state({ ...state, pages: names.toReversed() })), 'mixed').to.equal('EINVAL')
      expect(await codeOf(there.state({ ...state, pages: [...names], header: new Uint8Array(9) }))).to.equal('EINVAL')
      expect((await there.take(about)).taken).to.equal(false)
      expect(cloud.node('n3')?.processes.promises().objects).to.equal(0)
      const other = asNode(cloud, 'n1', 'n3').move
      await there.offer({ move: move7, source: 'n2', record })
      expect(await codeOf(other.state({ ...state, pages: [...names] })), 'of another').to.equal('EACCES')
    })
  })

  it('takes a state in parts only where they are whole together, and told by its source', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2')
      const record = await offerOf(cloud, id)
      const there = asNode(cloud, 'n2', 'n3').move
      const about = { move: move7, object: record.id }
      const task = cloud.node('n2')?.processes.get(id).task
      const capture = await task?.capture?.({ stop: false })
      const { header, pages, output, read } = capture as NonNullable<typeof capture>
      const names = [...new Set(pages)].filter(page => page !== '')
      async function * contents (of: readonly string[]) { for (const page of of) yield read(page) }
      const state = {
        ...about, manner: 'live' as const, header, output, earlier: [], tail: [], count: pages.length,
        places: [...pages.keys()], pages: [...pages], runsOn: true
      }
      const ready = async (other: Partial<ArgsOf<'move.ready'>>, of = names, from = there): Promise<string> =>
        await codeOf(from.ready({ ...state, ...other }, { input: contents(of) }))
      await there.offer({ move: move7, source: 'n2', record })
      expect(await ready({ count: pages.length + 1 }), 'with a hole').to.equal('EINVAL')
      expect(await ready({ count: 1 << 20 }), 'too large').to.equal('ENOSPC')
      const mail = { carrier: 'mail', pages: Array.from({ length: 33_000 }, () => names[0] as string) }
      expect(await ready({ belongings: [mail] }), 'too much mail').to.equal('ENOSPC')
      expect(await ready({ places: [], pages: [] }), 'not whole').to.equal('EINVAL')
      expect(await ready({}, [names[0] as string, ...names]), 'a page twice').to.equal('EINVAL')
      expect(await ready({}, names.slice(1), asNode(cloud, 'n1', 'n3').move), 'of another').to.equal('EACCES')
      expect(await ready({})).to.equal('none')
      expect((await there.take(about)).taken, 'it runs on').to.equal(false)
      await there.offer({ move: move7, source: 'n2', record })
      expect(await ready({ runsOn: false }, [])).to.equal('ENOENT')
      expect(await ready({ runsOn: false })).to.equal('none')
      expect(await ready({}), 'it is ready').to.equal('ESTALE')
      await there.drop({ ...about })
      expect((await there.take(about)).taken).to.equal(false)
      expect(runningOn(cloud, record.id)).to.deep.equal([])
      expect(cloud.node('n3')?.processes.promises().objects).to.equal(0)
    })
  })

  it('takes over what an older source tells it: which pages, then these, then the whole state', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2')
      const record = await offerOf(cloud, id)
      const there = asNode(cloud, 'n2', 'n3').move
      const about = { move: move7, object: record.id }
      const capture = await cloud.node('n2')?.processes.get(id).task?.capture?.({ stop: false })
      const { header, pages, output, read } = capture as NonNullable<typeof capture>
      const names = [...new Set(pages)].filter(page => page !== '')
      async function * contents (of: readonly string[]) { for (const page of of) yield read(page) }
      await there.offer({ move: move7, source: 'n2', record })
      expect(await there.lacks({ ...about, pages: names })).to.deep.equal({ lacks: [...names.keys()] })
      await there.pages(about, { input: contents(names.slice(1)) })
      expect(await there.lacks({ ...about, pages: names })).to.deep.equal({ lacks: [0] })
      await there.pages(about, { input: contents(names.slice(0, 1)) })
      await there.state({ ...about, manner: 'live', header, pages: [...pages], output: { ...output }, earlier: [] })
      expect((await there.take(about)).taken).to.equal(true)
      expect(runningOn(cloud, record.id)).to.deep.equal(['n3'])
    })
  })

  it('without room or driver refuses before anything is stopped', async () => {
    await inCloud({ nodeOptions: { processes: { objectsMax: 1 } } }, async cloud => {
      const id = await counting(cloud, 'n2')
      await counting(cloud, 'n3')
      expect(await codeOf(move(cloud, { ids: [id], to: 'n3' }))).to.equal('EAGAIN')
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
      expectCounted(await textOf(cloud.syscalls('n1').logs({ id })))
    })
  })
})

describe('checkpoints', () => {
  it('are states from which others go on, wherever', async () => {
    await inCloud({}, async cloud => {
      const id = await counting(cloud, 'n2')
      const { checkpoint, bytes, fresh } = await cloud.syscalls('n1').checkpoint({ id })
      expect(fresh).to.equal(bytes)
      await cloud.pass(1000)
      const again = await cloud.syscalls('n1').checkpoint({ id })
      expect(again.fresh).to.be.lessThan(again.bytes)
      const other = await cloud.syscalls('n1').restore({ checkpoint, to: 'n3' })
      expect(other.node).to.equal('n3')
      await cloud.pass(1000)
      expect(runningOn(cloud, other.id)).to.deep.equal(['n3'])
      expect(runningOn(cloud, id)).to.deep.equal(['n2'])
      const [first] = await all(cloud.syscalls('n1').logs({ id: other.id }))
      expect(first?.offset).to.be.greaterThan(0)
    })
  })

  it('that are none, or were changed, are refused', async () => {
    await inCloud({}, async cloud => {
      async function * forged () { yield new Uint8Array(200).fill(7) }
      const { blob } = await cloud.syscalls('n1').blob.put({}, { input: forged() })
      expect(await codeOf(cloud.syscalls('n1').restore({ checkpoint: blob, to: 'n2' }))).to.equal('EINVAL')
    })
  })
})

describe('draining a node', () => {
  it('moves what can be moved, and says why the rest stays', async () => {
    await inCloud({}, async cloud => {
      const ids = [await counting(cloud, 'n2'), await counting(cloud, 'n2')]
      const items = await all(cloud.syscalls('n2').drain({}))
      expect(items.filter(({ kind }) => kind === 'moved')).to.have.lengthOf(2)
      for (const id of ids) expect(runningOn(cloud, id)).to.have.lengthOf(1).and.not.include('n2')
    })
  })
})
