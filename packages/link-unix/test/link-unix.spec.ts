import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudError, type Clock, type ErrorCode, type Handler, type Logger } from '@welkin/interface'
import type { Call } from '@welkin/wire'
import { expect } from 'chai'
import { connectUnix, listenUnix, type UnixConnection, type UnixListener } from '../src/index.ts'

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  }
}

const quiet: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

const ECHO: Handler<Call> = {
  request: async payload => payload,
  channel: async (_payload, channel) => { for await (const message of channel) await channel.send(message) }
}

async function rejects (promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  const outcome: unknown = await promise.then(() => 'a value', (error: unknown) => error)
  expect(outcome).to.be.instanceOf(CloudError).with.property('code', code)
}

describe('a UNIX socket', () => {
  let directory: string
  let path: string
  const listeners: UnixListener[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'welkin-'))
    path = join(directory, 's')
  })

  afterEach(async () => {
    await Promise.all(listeners.splice(0).map(listener => listener.close()))
    await rm(directory, { recursive: true })
  })

  type Accept = (connection: UnixConnection) => Handler<Call>

  async function listen (accept: Accept = () => ECHO, log = quiet): Promise<UnixListener> {
    const listener = await listenUnix({ path, accept, clock, log })
    listeners.push(listener)
    return listener
  }

  it('carries requests and channels', async () => {
    await listen()
    const { link, close } = await connectUnix({ path, clock, log: quiet })
    expect(await link.request(new Uint8Array(3_000_000).fill(3))).to.deep.equal(Buffer.alloc(3_000_000, 3))
    const channel = link.open(new Uint8Array(0))
    const sending = (async () => {
      for (let n = 0; n < 40; n++) await channel.send(new Uint8Array(200_000).fill(n))
      await channel.end()
    })()
    let n = 0
    for await (const message of channel) expect(message[199_999]).to.equal(n++)
    await sending
    expect(n).to.equal(40)
    close()
  })

  it('lets the listening end call its client', async () => {
    const answered = new Promise<Uint8Array>(resolve => {
      void listen(connection => {
        resolve(connection.link.request(Uint8Array.of(7), { timeoutMs: 5000 }))
        return ECHO
      }).then(() => connectUnix({ path, clock, log: quiet, handler: ECHO }))
    })
    expect([...await answered]).to.deep.equal([7])
  })

  it('is open to its owner alone, whatever the mask, and leaves the mask as it was', async () => {
    const before = process.umask(0)
    try {
      await listen()
      expect((await stat(path)).mode & 0o777).to.equal(0o600)
      expect(process.umask()).to.equal(0)
    } finally {
      process.umask(before)
    }
  })

  it('is removed when it is closed, and clients learn of it', async () => {
    const listener = await listen()
    const client = await connectUnix({ path, clock, log: quiet })
    await listener.close()
    expect(await client.closed).to.include({ code: 'ECONNRESET' })
    expect(existsSync(path)).to.equal(false)
  })

  it('is taken over from a dead process', async () => {
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
    const child = spawn(process.execPath, ['-e', program])
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    await rejects(connectUnix({ path, clock, log: quiet }), 'EHOSTDOWN')
    await listen()
    const { close } = await connectUnix({ path, clock, log: quiet })
    close()
  })

  it('is refused with EADDRINUSE while somebody answers on it', async () => {
    await listen()
    await rejects(listenUnix({ path, accept: () => ECHO, clock, log: quiet }), 'EADDRINUSE')
    const { close } = await connectUnix({ path, clock, log: quiet })
    close()
  })

  it('never replaces a file that is not a socket', async () => {
    await writeFile(path, 'precious')
    await rejects(listenUnix({ path, accept: () => ECHO, clock, log: quiet }), 'EEXIST')
    expect(await readFile(path, 'utf8')).to.equal('precious')
  })

  it('has a path of limited length and an existing directory', async () => {
    const long = join(directory, 'x'.repeat(110))
    await rejects(listenUnix({ path: long, accept: () => ECHO, clock, log: quiet }), 'EINVAL')
    await rejects(connectUnix({ path: long, clock, log: quiet }), 'EINVAL')
    const nowhere = join(directory, 'no', 's')
    await rejects(listenUnix({ path: nowhere, accept: () => ECHO, clock, log: quiet }), 'ENOENT')
    await rejects(connectUnix({ path: nowhere, clock, log: quiet }), 'ENOENT')
  })

  it('is given up when whoever listens says no hello', async () => {
    const server = createServer(socket => socket.resume())
    server.listen(path)
    await once(server, 'listening')
    await rejects(connectUnix({ path, clock, log: quiet, timeoutMs: 50 }), 'EHOSTDOWN')
    server.close()
    await once(server, 'close')
  })

  it('closes a connection that does not speak the protocol, and serves the others', async () => {
    const reasons: unknown[] = []
    await listen(() => ECHO, { ...quiet, warn: (event, fields) => reasons.push([event, fields?.['code']]) })
    const { link, close } = await connectUnix({ path, clock, log: quiet })
    const intruder = connect(path)
    intruder.write('GET / HTTP/1.1\r\n\r\n')
    intruder.resume()
    await once(intruder, 'close')
    expect(reasons).to.deep.equal([['wire.connection_refused', 'EPROTO']])
    expect([...await link.request(Uint8Array.of(1))]).to.deep.equal([1])
    close()
  })
})
