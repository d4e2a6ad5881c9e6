import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { BlobId, Driver, RestoredTask, Task } from '@welkin/interface'
import type { WasmDriverOptions } from '../src/index.ts'
import { capture, goOn, keep, pageOf, type Kept } from './moving.ts'
import {
  failureOf, fileOf, ID, idOf, MAIL, Room, specOf, textOf, toolbox, toolboxBytes, untilOutput
} from './room.ts'

function flip (bytes: Uint8Array, at: number, bit: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1 << bit
}

describe('a WebAssembly task that moves', () => {
  let room: Room
  let here: Driver

  beforeEach(async () => {
    room = await Room.open()
    here = await room.driver()
  })
  afterEach(async () => await room.close())

  it('has computed the same digits of pi after many moves, with nothing lost or doubled', async () => {
    const spec = specOf(toolbox('pi', '2000'))
    await (await here.run({ ...spec, id: idOf(1) })).ended
    const whole = await textOf(here, 'stdout', idOf(1))
    expect(whole).to.match(/^3141592653589793/)
    const machines = [await room.driver('there'), here]
    let driver = here
    let task = await driver.run(spec)
    let text = ''
    let moves = 0
    for (let hasEnded = false; !hasEnded;) {
      const from = text.length
      const taken = await capture(task).then(keep, () => undefined)
      hasEnded = taken === undefined
      if (hasEnded) await task.ended
      const chunks = await driver.output(ID).read({ stdout: from, stderr: 0 }, 1 << 20)
      expect(chunks[0]?.offset ?? from).to.equal(from)
      text += Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
      if (taken === undefined) break
      await (task as Required<Task>).leave()
      driver = machines[moves++ % machines.length] as Driver
      task = await goOn(driver, spec, taken)
      await sleep(moves * 3)
    }
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(text).to.equal(whole)
    expect(moves).to.be.at.least(3)
  })

  it('has done so, too, where it was made ready while it ran on', async () => {
    const spec = specOf(toolbox('pi', '6000'))
    await (await here.run({ ...spec, id: idOf(1) })).ended
    const whole = await textOf(here, 'stdout', idOf(1))
    const machines = [await room.driver('there'), here]
    let driver = here
    let task = await driver.run(spec)
    let text = ''
    let moves = 0
    for (let hasEnded = false; !hasEnded; moves++) {
      const next = machines[moves % machines.length] as Driver
      let ready: RestoredTask | undefined
      const taken = await (async () => {
        const first = keep(await capture(task, false))
        ready = await next.restore?.(spec, first.state, pageOf(first))
        for (const stop of [false, true]) {
          const later = keep(await capture(task, stop))
          await ready?.renew?.(later.state, pageOf(later))
        }
        return true
      })().catch((error: unknown) => {
        expect(error).to.have.property('code', 'ESRCH') // it has ended meanwhile
        return false
      })
      hasEnded = !taken
      if (hasEnded) await task.ended
      const chunks = await driver.output(ID).read({ stdout: text.length, stderr: 0 }, 1 << 20)
      text += Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
      if (hasEnded) await ready?.discard()
      else {
        await (task as Required<Task>).leave()
        driver = next
        task = await (ready as RestoredTask).start()
        await sleep(moves * 3)
      }
    }
    expect(text).to.equal(whole)
    expect(moves).to.be.at.least(3)
  })

  it('leaves no thread behind where it was made ready and does not go on', async () => {
    const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length
    const spec = specOf(toolbox('count', '10'))
    const task = await here.run(spec)
    await untilOutput(here, /3\n/)
    const taken = keep(await capture(task, false))
    const there = await room.driver('there')
    const readied = async () => await there.restore?.(spec, taken.state, pageOf(taken))
    await (await readied())?.discard()
    const before = await threads()
    const [discarded, failed] = [await readied(), await readied(), await readied()]
    expect(await threads()).to.be.greaterThan(before)
    await discarded?.discard()
    const cut = { ...taken.state, pages: [] }
    const failure = await failureOf((async () => await failed?.renew?.(cut, pageOf(taken)))())
    expect(failure).to.have.property('code', 'EINVAL')
    await there.stop() // and with it the third
    while (await threads() > before) await sleep(5)
    expect(await failureOf((async () => await discarded?.start())())).to.have.property('code', 'ESTALE')
  })

  it('takes along its files, open or not, its input, and what is left of a wait', async () => {
    const spec = specOf(toolbox('cat'), { input: true, files: [fileOf('in/deep.txt', 'x'.repeat(100_000))] })
    const task = await here.run(spec)
    await task.write(Buffer.from('one '))
    await untilOutput(here, /one /)
    const taken = keep(await capture(task))
    await task.write(Buffer.from('lost here, and '))
    const there = await room.driver('there')
    const next = await goOn(there, spec, taken)
    await (task as Required<Task>).leave()
    await next.write(Buffer.from('two'))
    await next.endInput()
    expect((await next.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(there)).to.equal('two')
    let size = 0
    for await (const piece of there.collect(ID, 'in/deep.txt')) size += piece.byteLength
    expect(size).to.equal(100_000)
  })

  it('sleeps no shorter for it, though it sleeps on elsewhere', async () => {
    const spec = specOf(toolbox('nap', '1500'))
    const startedMs = performance.now()
    const task = await here.run(spec)
    const taken = keep(await capture(task))
    const next = await goOn(await room.driver('there'), spec, taken)
    await (task as Required<Task>).leave()
    await next.ended
    expect(performance.now() - startedMs).to.be.at.least(1400)
  })

  it('copies only what has changed since its last capture, and can still be read whole', async () => {
    const task = await here.run(specOf(toolbox('count', '10')))
    await untilOutput(here, /3\n/)
    const first = keep(await capture(task, false))
    const before = new Set(first.state.pages)
    const second = await capture(task, false)
    expect(second.pages.filter(page => !before.has(page)).length).to.be.within(1, 5)
    expect(keep(second).pages.size).to.be.at.least(3)
    const stopped = keep(await capture(task))
    await (task as Required<Task>).resume()
    const again = keep(await capture(task, false))
    expect(again.pages.size).to.be.at.least(stopped.pages.size - 1)
  })

  it('makes the system call again that was under way, as the same', async () => {
    const calls: string[] = []
    const asked: Array<() => void> = []
    const call = async (id: string, { requestId, name }: { requestId: string, name: string }): Promise<string> => {
      calls.push(`${id} ${name} ${requestId}`)
      for (const tell of asked.splice(0)) tell()
      return calls.length > 1 ? '{"yes":1}' : await new Promise<never>(() => {})
    }
    const driver = await room.driver('asks', { call })
    const isAsked = new Promise<void>(resolve => { asked.push(resolve) })
    const spec = specOf(toolbox('call', 'whoami', '{}'))
    const task = await driver.run(spec)
    await isAsked
    const taken = keep(await capture(task))
    await (task as Required<Task>).leave()
    const there = await room.driver('answers', { call })
    await (await goOn(there, spec, taken)).ended
    expect(calls).to.have.lengthOf(2)
    expect(calls[1]).to.equal(calls[0])
    expect(await textOf(there)).to.equal('yes: {"yes":1}\n')
  })

  it('waits on for a letter elsewhere, and is given up where it waited', async () => {
    const asked: Array<{ name: string, requestId: string, args: string }> = []
    const given: AbortSignal[] = []
    let tell = (): void => {}
    const letters = ['{"letter":{"id":"a","from":"object:x","body":"ZW5k","sentAtMs":1}}', '{}']
    const never = async (signal: AbortSignal | undefined): Promise<never> =>
      await new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
    const call: WasmDriverOptions['call'] = async (_id, request, { signal }) => {
      asked.push(request)
      if (signal !== undefined) given.push(signal)
      tell()
      return asked.length === 1 ? await never(signal) : letters.shift() as string
    }
    const driver = await room.driver('asks', { call })
    const isAsked = new Promise<void>(resolve => { tell = resolve })
    const spec = specOf([MAIL, 'read', 'post'])
    const task = await driver.run(spec)
    await isAsked
    const taken = keep(await capture(task))
    await (task as Required<Task>).leave()
    expect(given.map(({ aborted }) => aborted)).to.deep.equal([true])
    const there = await room.driver('answers', { call })
    await (await goOn(there, spec, taken)).ended
    expect(asked.map(({ name }) => name)).to.deep.equal(['mail.next', 'mail.next', 'mail.next'])
    expect(asked[1]).to.deep.equal(asked[0])
    expect(JSON.parse(asked[2]?.args as string)).to.deep.equal({ mailbox: 'post', ack: 'a', patienceMs: 0 })
    expect(await textOf(there)).to.equal('a from object:x: 656e64\nnone\n')
  })

  it('waits for a letter no longer when a signal has come that it looks after', async () => {
    const names: string[] = []
    let tell = (): void => {}
    const isAsked = new Promise<void>(resolve => { tell = resolve })
    const call: WasmDriverOptions['call'] = async (_id, { name }) => {
      names.push(name)
      tell()
      return await new Promise<never>(() => {})
    }
    const driver = await room.driver('asks', { call })
    const task = await driver.run(specOf([MAIL, 'await-signal']))
    await isAsked
    await task.signal('SIGTERM')
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(driver)).to.equal('ready\nlength 0, signal 15\n')
    expect(names).to.deep.equal(['mail.next'])
  })

  it('is refused where its state is of another program, mixed, cut, forged, or too large', async () => {
    const spec = specOf(toolbox('count', '10'))
    const task = await here.run(spec)
    await untilOutput(here, /3\n/)
    const one = keep(await capture(task, false))
    await untilOutput(here, /6\n/)
    const two = keep(await capture(task))
    const pages = new Map([...one.pages, ...two.pages])
    const there = await room.driver('there')
    const codeOf = async (state: Kept['state'], of = spec): Promise<string> =>
      (await failureOf(goOn(there, of, { state, pages }))).code
    const { state } = two
    expect(await codeOf({ ...state, header: one.state.header })).to.equal('EINVAL')
    expect(await codeOf({ ...state, pages: one.state.pages })).to.equal('EINVAL')
    expect(await codeOf({ ...state, pages: state.pages.toReversed() })).to.equal('EINVAL')
    expect(await codeOf({ ...state, header: new Uint8Array(100_000) })).to.equal('EINVAL')
    expect(await codeOf(state, { ...spec, limits: { memoryBytes: 65_536 } })).to.equal('ENOEXEC')
    const other = await toolboxBytes()
    const files = [fileOf('p.wasm', Buffer.concat([other, Buffer.from([0, 2, 1, 0x78])]))]
    expect(await codeOf(state, { ...spec, argv: ['p.wasm'], files })).to.equal('EINVAL')
    const header = JSON.parse(Buffer.from(state.header).toString()) as Record<string, unknown>
    const forgeries = [{ memoryPages: 0 }, { bodyBytes: 1e12 }, { filePages: -1 }, { points: 'x' }, { version: 9 }]
    for (const forged of forgeries) {
      const bytes = Buffer.from(JSON.stringify({ ...header, ...forged }))
      expect(await codeOf({ ...state, header: bytes })).to.equal('EINVAL')
    }
    expect(await there.recover(ID)).to.equal(undefined)
  })

  it('survives whatever is done to the body of its state', async function () {
    this.timeout(120_000)
    const spec = specOf(toolbox('count', '10'))
    const task = await here.run(spec)
    await untilOutput(here, /3\n/)
    const { state, pages } = keep(await capture(task))
    const there = await room.driver('there')
    const body = state.pages.at(-1) as BlobId
    const content = pages.get(body) as Uint8Array
    const end = content.findLastIndex(byte => byte !== 0)
    let refused = 0
    for (let round = 0; round < 30; round++) {
      const forged = content.slice()
      for (let nth = 0; nth < 3; nth++) flip(forged, (round * 7919 + nth * 104_729) % end, (round + nth) % 8)
      const name = createHash('sha256').update(forged).digest('hex')
      const names = [...state.pages.slice(0, -1), name]
      const digest = createHash('sha256').update(names.join('\n')).digest('hex')
      const written = { ...JSON.parse(Buffer.from(state.header).toString()) as object, pages: digest }
      const other = { ...state, header: Buffer.from(JSON.stringify(written)), pages: names }
      const read = async (page: BlobId): Promise<Uint8Array> => page === name ? forged : pages.get(page) as Uint8Array
      try {
        const restored = await there.restore?.(spec, round % 2 === 0 ? other : state, read)
        if (round % 2 === 1) await restored?.renew?.(other, read)
        const forgedTask = await restored?.start()
        await forgedTask?.stop(0)
        await forgedTask?.ended
        await there.remove(ID)
      } catch (error) {
        expect(error).to.have.property('code').that.is.oneOf(['EINVAL', 'ENOSPC', 'ENOSYS'])
        refused++
      }
    }
    expect(refused).to.be.at.least(10)
    expect((await there.facts()).health).to.equal('healthy')
  })

  it('cannot be taken up where it has no points for it, or what it is made of cannot', async () => {
    const task = await here.run(specOf(toolbox('sleep'), { wasm: { snapshotPoints: 'none' } }))
    expect(task.immovable).to.contain('without points')
    expect(await failureOf(capture(task))).to.have.property('code', 'ENOSYS')
  })

  it('is taken up in calls, too, where it has points in those alone', async () => {
    const spec = specOf(toolbox('count', '5'), { wasm: { snapshotPoints: 'calls' } })
    const task = await here.run(spec)
    await untilOutput(here, /3\n/)
    const taken = keep(await capture(task))
    await (task as Required<Task>).leave()
    const there = await room.driver('there')
    await goOn(there, spec, taken)
    await untilOutput(there, /\d\n\d+\n/)
  })
})
