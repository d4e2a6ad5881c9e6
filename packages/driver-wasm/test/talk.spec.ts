import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { collectBytes } from '@welkin/async'
import { CloudError, type Driver, type Task, type TaskSpec } from '@welkin/interface'
import { End, Exchange } from './exchange.ts'
import { capture, goOn, keep } from './moving.ts'
import { failureOf, ID, idOf, Room, specOf, TALK, textOf, untilOutput } from './room.ts'

const MEBIBYTE = 1 << 20

const talk = (...args: string[]): TaskSpec => specOf([TALK, ...args], { input: true })
const bytes = (text: string): Uint8Array => Buffer.from(text)

/** The next bytes that come, so many. */
async function read (stream: AsyncIterable<Uint8Array>, count: number): Promise<string> {
  let text = ''
  const pieces = stream[Symbol.asyncIterator]()
  while (text.length < count) {
    const { done, value } = await pieces.next()
    if (done === true) break
    text += Buffer.from(value).toString()
  }
  return text
}

/** Bytes that can be sent until nothing goes any more for a while. */
async function sendUntilHeld (stream: { send: (bytes: Uint8Array) => Promise<void> }): Promise<number> {
  for (let sent = 0; ; sent += 65_536) {
    const isTaken = stream.send(new Uint8Array(65_536)).then(() => true, () => false)
    if (!await Promise.race([isTaken, sleep(500).then(() => false)])) return sent
  }
}

describe('conversations of a WebAssembly task', () => {
  let room: Room
  let exchange: Exchange
  let here: Driver

  beforeEach(async () => {
    room = await Room.open()
    exchange = new Exchange()
    here = await room.driver('here', { conversations: exchange })
  })
  afterEach(async () => await room.close())

  const there = async (): Promise<Driver> => await room.driver('there', { conversations: exchange })

  async function leave (task: Task): Promise<void> {
    await (task as Required<Task>).leave()
  }

  it('are accepted on a named port, several at a time, each with its own bytes and ends', async () => {
    const task = await here.run(talk('echo', 'chat'))
    const [one, two] = [await exchange.dial('chat'), await exchange.begins('chat')]
    await one.send(bytes('first'))
    await two.conversation.send(bytes('second'))
    expect(await read(two.conversation, 6)).to.equal('second')
    expect(await read(one, 5)).to.equal('first')
    await one.send(bytes('more'))
    await one.end()
    expect(await collectBytes(one)).to.deep.equal(Buffer.from('more'))
    await two.conversation.end()
    expect((await collectBytes(two.conversation)).length).to.equal(0)
    await two.conversation.over
    await task.endInput()
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(here)).to.equal('listening\naccepted user:spec\naccepted user:spec\nover\n')
    expect(exchange.listened).to.deep.equal([])
  })

  it('are dialled by name, or are not', async () => {
    const task = await here.run(talk('say', 'x.object.acme:chat', '50'))
    const echo = await exchange.called()
    for await (const piece of echo) await echo.send(piece)
    await echo.end()
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    expect(await textOf(here)).to.equal('dialled\nended\n')
    const refused = await here.run({ ...talk('say', 'nobody:chat', '1'), id: idOf(2) })
    expect((await refused.ended).exit).to.deep.equal({ kind: 'exited', code: 1 })
    expect(await textOf(here, 'stdout', idOf(2))).to.equal(
      'dial: {"code":"ECONNREFUSED","message":"Nobody listens there."}\n')
    expect(exchange.dialled).to.deep.equal(['x.object.acme:chat', 'nobody:chat'])
  })

  it('hold back who says more than the program reads, and the program that says more than is read', async () => {
    await here.run(talk('count', 'lines'))
    const [first, second] = [await exchange.dial('lines'), await exchange.begins('lines')]
    await first.send(bytes('\n'))
    expect(await read(first, 2)).to.equal('1\n')
    expect(await sendUntilHeld(second.conversation)).to.be.within(MEBIBYTE / 4, 3 * MEBIBYTE)
    const plain = await exchange.dial('lines')
    expect(await sendUntilHeld(plain)).to.be.within(MEBIBYTE / 4, 4 * MEBIBYTE)
    const task = await here.run({ ...talk('flood', 'x:y'), id: idOf(2) })
    const reader = await exchange.called()
    const [, taken] = /^taken (\d+)/.exec(await untilOutput(here, /write: Resource temporarily/, idOf(2))) ?? []
    expect(Number(taken)).to.be.within(MEBIBYTE / 4, 3 * MEBIBYTE)
    expect((await collectBytes(reader)).length).to.equal(Number(taken))
    await reader.end()
    await task.ended
  })

  it('end with ECONNRESET where they break off, and with what was said before', async () => {
    await here.run(talk('count', 'lines'))
    const plain = await exchange.dial('lines')
    await plain.send(bytes('\n'))
    expect(await read(plain, 2)).to.equal('1\n')
    plain.fail(new CloudError('ECONNRESET', 'It broke.'))
    await untilOutput(here, /read: Connection reset by peer\nclosed\n/)
    const { conversation } = await exchange.begins('lines')
    await untilOutput(here, /closed\naccepted\n/)
    conversation.fail(new CloudError('EPROTO', 'It makes no sense.'))
    await untilOutput(here, /accepted\nread: Connection reset by peer\nclosed\n/)
    const wire = await exchange.begins('lines').then(async ({ goOn: connect }) => await connect())
    await wire.send(bytes('no frame'))
    await untilOutput(here, /(accepted\nread: Connection reset by peer\nclosed\n){2}/)
  })

  it('are over when the program is ended, and have heard its last word when it ends', async () => {
    const killed = await here.run(talk('count', 'lines'))
    const plain = await exchange.dial('lines')
    await untilOutput(here, /accepted/)
    await killed.stop(0)
    await killed.ended
    expect(plain.failure).to.have.property('code', 'ECONNRESET')
    expect(exchange.listened).to.deep.equal([])
    await here.run({ ...talk('swallow', 'port'), id: idOf(2) })
    const last = await exchange.dial('port')
    await last.send(Uint8Array.from([0, 1, 2]))
    await last.end()
    expect(Buffer.from(await collectBytes(last)).toString()).to.equal('swallowed 3\n')
  })

  it('are asked for in many wrong ways, which are told apart', async () => {
    await (await here.run(talk('wrong'))).ended
    expect((await textOf(here)).trim().split('\n')).to.deep.equal([
      'twice: 1', 'name: 1', 'pointer: 21', 'dialled: 21', 'flags: 28', 'read: -1 53', 'write: -1 53', 'recv: -1 57',
      'shutdown: -1 53', 'accept: -1 28', 'now: -1 6', 'type: 0 1', 'closed: 0', 'again: 1'
    ])
  })

  it('go on where the program does, which waits on in accept, in read and in dial', async () => {
    const spec = talk('count', 'lines')
    let task = await here.run(spec)
    await untilOutput(here, /listening/)
    const machines = [await there(), here]
    const move = async (): Promise<void> => {
      const taken = keep(await capture(task))
      await leave(task)
      const driver = machines.shift() as Driver
      machines.push(driver)
      task = await goOn(driver, spec, taken)
    }
    await move()
    const { conversation, goOn: connect } = await exchange.begins('lines')
    for (let n = 1; n <= 3; n++) {
      await conversation.send(bytes('.'))
      await move()
      await connect()
      await conversation.send(bytes('\n'))
      expect(await read(conversation, 2)).to.equal(`${n}\n`)
    }
    await task.stop(0)
    const dialler = { ...talk('say', 'never:there', '1'), id: idOf(2) }
    const dialling = await here.run(dialler)
    while (exchange.dialled.length === 0) await sleep(5)
    const taken = keep(await capture(dialling))
    await leave(dialling)
    await goOn(machines[0] as Driver, dialler, taken)
    while (exchange.dialled.length === 1) await sleep(5)
    expect(exchange.dialled).to.deep.equal(['never:there', 'never:there'])
  })

  it('that the program has dialled go on as well', async () => {
    const spec = talk('say', 'x:chat', '2000')
    let task = await here.run(spec)
    const echo = await exchange.called()
    void (async () => {
      for await (const piece of echo) await echo.send(piece)
      await echo.end()
    })()
    const machines = [await there(), here]
    for (const driver of [...machines, ...machines]) {
      const taken = await capture(task).then(keep)
      await leave(task)
      task = await goOn(driver, spec, taken)
    }
    expect((await task.ended).exit).to.deep.equal({ kind: 'exited', code: 0 })
    await echo.over
  })

  it('that wait to be accepted go along, with what was said', async () => {
    const spec = talk('count', 'lines')
    const task = await here.run(spec)
    const first = await exchange.begins('lines')
    await untilOutput(here, /accepted/)
    const second = await exchange.begins('lines')
    await second.conversation.send(bytes('\n\n'))
    await second.conversation.end()
    await first.conversation.end()
    const taken = keep(await capture(task))
    await leave(task)
    await goOn(await there(), spec, taken)
    await Promise.all([first.goOn(), second.goOn()])
    expect((await collectBytes(first.conversation)).length).to.equal(0)
    expect(Buffer.from(await collectBytes(second.conversation)).toString()).to.equal('1\n2\n')
  })

  it('that nobody goes on with are cut by a move', async () => {
    const spec = talk('count', 'lines')
    const task = await here.run(spec)
    const plain = await exchange.dial('lines')
    await plain.send(bytes('\n'))
    expect(await read(plain, 2)).to.equal('1\n')
    const taken = keep(await capture(task))
    await leave(task)
    expect(plain.failure).to.have.property('code', 'ECONNRESET')
    const target = await there()
    await goOn(target, spec, taken)
    await untilOutput(target, /read: Connection reset by peer\nclosed\n/)
    await (await exchange.dial('lines')).send(bytes('\n'))
  })

  it('go on where a move was given up, plain ones as well', async () => {
    const task = await here.run(talk('count', 'lines'))
    const [plain, { conversation }] = [await exchange.dial('lines'), await exchange.begins('lines')]
    await plain.send(bytes('\n'))
    expect(await read(plain, 2)).to.equal('1\n')
    await capture(task)
    await plain.send(bytes('\n'))
    await plain.end()
    await conversation.send(bytes('\n'))
    await (task as Required<Task>).resume()
    expect(await read(plain, 2)).to.equal('2\n')
    expect(await read(conversation, 2)).to.equal('3\n')
  })

  it('are over at both ends where the program goes on from before what was said', async () => {
    const spec = talk('count', 'lines')
    const task = await here.run(spec)
    const { conversation, goOn: connect } = await exchange.begins('lines')
    await conversation.send(bytes('\n'))
    expect(await read(conversation, 2)).to.equal('1\n')
    const old = keep(await capture(task, false))
    for (let n = 2; n <= 3; n++) {
      await conversation.send(bytes('\n'.padStart(300_000, '.')))
      expect(await read(conversation, 2)).to.equal(`${n}\n`)
    }
    await task.stop(0)
    await task.ended
    const target = await there()
    await goOn(target, spec, old)
    await connect()
    await untilOutput(target, /read: Connection reset by peer\nclosed\n/)
    expect(await failureOf(conversation.over)).to.have.property('code', 'ECONNRESET')
  })

  it('are those of one object: another that goes on from its state has none of them', async () => {
    const spec = talk('count', 'lines')
    const task = await here.run(spec)
    const { conversation } = await exchange.begins('lines')
    await conversation.send(bytes('\n'))
    expect(await read(conversation, 2)).to.equal('1\n')
    const taken = keep(await capture(task, false))
    const target = await room.driver('there', { conversations: new Exchange() })
    await goOn(target, { ...spec, id: idOf(3) }, taken)
    await untilOutput(target, /read: Connection reset by peer\nclosed\n/, idOf(3))
    await conversation.send(bytes('\n'))
    expect(await read(conversation, 2)).to.equal('2\n')
    await task.stop(0)
    expect(await here.recover(ID)).not.to.equal(undefined)
  })

  it('are refused where there are too many', async () => {
    await here.run(talk('echo', 'chat'))
    const ends: End[] = []
    for (let n = 0; n < 140; n++) ends.push(await exchange.dial('chat'))
    while (ends.filter(({ failure }) => failure?.code === 'EAGAIN').length < 140 - 128) await sleep(5)
    await ends[0]?.send(bytes('still'))
    expect(await read(ends[0] as End, 5)).to.equal('still')
  })
})
