import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { collectBytes } from '@welkin/async'
import type { ByteStream } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { dial } from '@welkin/syscalls'
import { all, codeOf, exitOf, textOf } from '../kernel/in-cloud.ts'
import { Daemons } from './daemons.ts'

const TALK = new URL('../../../packages/driver-wasm/test/programs/talk.wasm', import.meta.url)

/** So many that the moves come in between. */
const LINES = '30000'

/** What comes, line by line. */
class Lines {
  readonly #bytes: AsyncIterator<Uint8Array>
  #rest = ''

  constructor (stream: ByteStream) {
    this.#bytes = stream[Symbol.asyncIterator]()
  }

  async next (): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf('\n')
      if (end >= 0) {
        const line = this.#rest.slice(0, end)
        this.#rest = this.#rest.slice(end + 1)
        return line
      }
      const { done, value } = await this.#bytes.next()
      if (done === true) throw new Error(`It ended after "${this.#rest}".`)
      this.#rest += Buffer.from(value).toString()
    }
  }
}

describe('conversations of a WebAssembly object on real daemons', () => {
  const daemons = new Daemons()
  let connection: Connection
  let nodes: string[]
  let moves: number
  afterEach(async () => { await daemons.end() })

  async function cloud (count: number): Promise<void> {
    const one = await daemons.start()
    nodes = [one.info.id]
    for (let n = 2; n <= count; n++) {
      nodes.push((await daemons.start({ name: `n${n}`, join: one.info.addresses })).info.id)
    }
    connection = await daemons.connect(one)
    moves = 0
  }

  async function run (name: string, on: number, ...args: string[]): Promise<string> {
    const { syscalls } = connection
    const input = (async function * () { yield await readFile(TALK) })()
    const { blob } = await syscalls.blob.put({}, { input })
    const { objects: [object] } = await syscalls.spawn({
      files: [{ path: 'talk.wasm', blob, executable: false }], on: nodes[on] as string, name,
      program: { driver: 'wasm', argv: ['talk.wasm', ...args], input: true }, can: ['communication.dial']
    })
    return object?.id as string
  }

  async function until (id: string, pattern: RegExp): Promise<string> {
    for (;;) {
      const text = await textOf(connection.syscalls.logs({ id }))
      if (pattern.test(text)) return text
      await sleep(10)
    }
  }

  /** To the next node round. */
  async function move (id: string): Promise<void> {
    const { node } = await connection.syscalls.stat({ id })
    const to = nodes[(nodes.indexOf(node) + 1) % nodes.length] as string
    const steps = await all(connection.syscalls.migrate({ ids: [id], to }))
    expect(steps.at(-1)).to.have.property('kind', 'moved')
    moves++
  }

  const say = async (stream: ByteStream, text: string): Promise<void> => await stream.send(Buffer.from(text))

  it('serves several who have dialled it at a time, plainly or not, with half-close', async () => {
    await cloud(2)
    const id = await run('echo', 1, 'echo', 'chat')
    await until(id, /listening/)
    const plain = await dial(connection, 'echo:chat')
    const resumable = await dial(connection, 'echo:chat', { resumable: true })
    await say(plain, 'one\n')
    await say(resumable, 'two\n')
    expect(await new Lines(resumable).next()).to.equal('two')
    expect(await new Lines(plain).next()).to.equal('one')
    for (const stream of [plain, resumable]) {
      const whole = collectBytes(stream)
      await say(stream, 'x'.repeat(300_000))
      await stream.end()
      expect((await whole).byteLength).to.equal(300_000)
    }
    expect(await until(id, /accepted .*\naccepted /)).to.match(/accepted \w/)
  })

  it('is said and heard once and in order, while it moves in mid-conversation', async function () {
    this.timeout(120_000)
    await cloud(3)
    const id = await run('echo', 1, 'echo', 'chat')
    await until(id, /listening/)
    const stream = await dial(connection, 'echo:chat', { resumable: true })
    const heard: string[] = []
    const hearing = (async () => {
      const lines = new Lines(stream)
      while (heard.at(-1) !== 'last') heard.push(await lines.next())
    })()
    const moving = (async () => {
      while (moves < 6) await move(id)
      return true
    })()
    let said = 0
    for (let isMoved = false; !isMoved;) {
      await say(stream, `line ${++said} ${'.'.repeat(said % 500)}\n`)
      isMoved = await Promise.race([moving, sleep(1, false)])
    }
    await say(stream, 'last\n')
    await hearing
    await stream.end()
    const expected = Array.from({ length: said }, (_none, n) => `line ${n + 1} ${'.'.repeat((n + 1) % 500)}`)
    expect(heard).to.deep.equal([...expected, 'last'])
    expect(moves).to.equal(6)
  })

  it('goes on waiting in accept and in read where it moves to', async () => {
    await cloud(2)
    const id = await run('count', 1, 'count', 'lines')
    await until(id, /listening/)
    await move(id) // in accept
    const stream = await dial(connection, 'count:lines', { resumable: true })
    const lines = new Lines(stream)
    await until(id, /accepted/)
    for (let n = 1; n <= 4; n++) {
      await move(id) // in read
      await say(stream, 'x\n')
      expect(await lines.next()).to.equal(`${n}`)
    }
    const plain = await dial(connection, 'count:lines') // waits to be accepted
    await stream.end()
    await until(id, /closed\naccepted/)
    const cut = codeOf(collectBytes(plain))
    await move(id)
    expect(await cut).to.equal('ECONNRESET')
    await until(id, /read: Connection reset by peer\nclosed/)
  })

  it('is talked to by another, and both move', async function () {
    this.timeout(120_000)
    await cloud(3)
    const server = await run('echo', 1, 'echo', 'chat')
    await until(server, /listening/)
    const client = await run('client', 2, 'say', 'echo:chat', LINES)
    await until(client, /dialled/)
    for (let nth = 0; nth < 3; nth++) {
      await move(client)
      await move(server)
    }
    expect(await exitOf(connection.syscalls, client)).to.deep.equal({ kind: 'exited', code: 0 })
    const text = await textOf(connection.syscalls.logs({ id: client }))
    expect(text.trim().split('\n').slice(-2)).to.deep.equal([LINES, 'ended'])
  })

  it('has all that was said to it, and says its last word when it has ended', async () => {
    await cloud(2)
    const id = await run('slow', 1, 'swallow', 'port', '10000')
    await until(id, /listening/)
    const stream = await dial(connection, 'slow:port', { resumable: true })
    const bytes = Buffer.from(Array.from({ length: 4 << 20 }, (_none, n) => n & 0xff))
    const send = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += 1 << 16) await stream.send(bytes.subarray(at, at + (1 << 16)))
    }
    await send(0, 1 << 20)
    await Promise.all([move(id), send(1 << 20, 3 << 20)])
    await send(3 << 20, 4 << 20)
    await stream.end()
    expect(Buffer.from(await collectBytes(stream)).toString()).to.equal(`swallowed ${bytes.length}\n`)
    expect(await exitOf(connection.syscalls, id)).to.deep.equal({ kind: 'exited', code: 0 })
  })

  it('breaks off when it is killed, and does not dial without leave', async () => {
    await cloud(1)
    const id = await run('echo', 0, 'echo', 'chat')
    await until(id, /listening/)
    const stream = await dial(connection, 'echo:chat', { resumable: true })
    await until(id, /accepted/)
    const cut = codeOf(collectBytes(stream))
    await connection.syscalls.kill({ id })
    expect(await cut).to.equal('ECONNRESET')
    expect(await codeOf(dial(connection, 'echo:chat', { patienceMs: 500 }))).to.be.oneOf(['ENOENT', 'ETIMEDOUT'])
  })
})
