import { expect } from 'chai'
import { execFile, spawn } from 'node:child_process'
import { connect as connectTcp } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { collectBytes } from '@welkin/async'
import type { RunningDaemon } from '@welkin/daemon/real'
import { dial, listen } from '@welkin/syscalls'
import type { Connection } from '@welkin/syscalls/connect'
import { Daemons } from './daemons.ts'

const run = promisify(execFile)
const WELKIN = fileURLToPath(new URL('../../../packages/cli/bin/welkin.js', import.meta.url))

/** Answers every request with its own name and what it was sent, on the port that it is given. */
const SERVER = `const [, port, name] = process.argv
require('http').createServer((request, response) => {
  let body = ''
  request.on('data', part => { body += part })
  request.on('end', () => response.end(name + ' ' + request.method + ' ' + request.url + ' ' + body))
}).listen(Number(port), '127.0.0.1', () => console.log('ready'))`

const pass = async (ms: number): Promise<void> => { await new Promise(resolve => setTimeout(resolve, ms)) }

describe('what has a name', function () {
  this.timeout(60_000)
  const daemons = new Daemons()
  let [one, two]: RunningDaemon[] = []
  let cloud: Connection

  before(async () => {
    one = await daemons.start({ name: 'n1', proxy: 0 })
    two = await daemons.start({ name: 'n2', join: one.info.addresses, proxy: false })
    cloud = await daemons.connect(one)
    const joined = async (): Promise<boolean> => (await cloud.syscalls.nodes({})).nodes.length === 2
    while (!await joined()) await pass(50)
  })
  after(async () => { await daemons.end() })

  async function serve (on: string, port: number, name: string): Promise<string> {
    const { objects } = await cloud.syscalls.spawn({
      program: { argv: [process.execPath, '-e', SERVER, `${port}`, on] }, name, on, ports: { http: port }
    })
    const id = objects[0]?.id as string
    for await (const { bytes } of cloud.syscalls.logs({ id, follow: true })) if (bytes.byteLength > 0) break
    return id
  }

  const curl = async (...args: string[]): Promise<string> =>
    (await run('curl', ['--silent', '--show-error', '--max-time', '20', ...args])).stdout

  it('is reached by unchanged programs through the proxy, also after it was started elsewhere', async () => {
    const first = await serve('n2', 18_471, 'web')
    const socks = ['--proxy', `socks5h://${one?.info.proxy}`]
    const http = ['--proxy', `http://${one?.info.proxy}`]
    expect(await curl(...socks, 'http://web.object.local.welkin/a')).to.equal('n2 GET /a ')
    expect(await curl(...http, '--data', 'x=1', 'http://web.object.local.welkin/b?c=d')).to.equal('n2 POST /b?c=d x=1')
    expect(await curl(...http, '--proxytunnel', 'http://web/')).to.equal('n2 GET / ')
    await cloud.syscalls.kill({ id: first, graceMs: 0 })
    await serve('n1', 18_472, 'web')
    expect(await curl(...socks, 'http://web/')).to.equal('n1 GET / ')
    expect(await curl(...http, 'http://web/', 'http://web:18472/again')).to.equal('n1 GET / n1 GET /again ')
  })

  it('is the only thing to which the proxy leads', async () => {
    const code = async (...args: string[]): Promise<string> =>
      await curl('--proxy', `http://${one?.info.proxy}`, '-o', '/dev/null', '-w', '%{http_code}', ...args)
    expect(await code('http://example.com/')).to.equal('404')
    for (const address of ['http://127.0.0.1:80/', 'http://[::1]/']) expect(await code(address)).to.equal('403')
    expect(await curl('--proxy', `http://${one?.info.proxy}`, 'http://127.0.0.1/')).to.include('socks5h')
    for (const scheme of ['socks5', 'socks5h']) {
      const socks = curl('--proxy', `${scheme}://${one?.info.proxy}`, 'http://127.0.0.1/')
      expect(await socks.then(() => 'reached', (error: Error) => error.message), scheme).to.match(/\(2\)|97/)
    }
    expect(await curl(`http://${one?.info.proxy}/`)).to.include('EINVAL')
  })

  it('is brought to a port of this machine, connection by connection', async () => {
    await serve('n2', 18_473, 'shop')
    const forward = spawn(process.execPath, [
      WELKIN, 'forward', '0', 'shop:http', '--json', '--cloud', one?.info.socket as string
    ])
    const first = await new Promise<string>(resolve => {
      forward.stdout.once('data', (part: Buffer) => resolve(part.toString()))
    })
    const { listening: { port } } = JSON.parse(first) as { listening: { port: number } }
    expect(await curl(`http://127.0.0.1:${port}/x`)).to.equal('n2 GET /x ')
    const closed = new Promise(resolve => forward.once('close', resolve))
    forward.kill('SIGINT')
    expect(await closed).to.equal(0)
  })

  it('ends each direction by itself, and carries a lot', async () => {
    const program = 'process.stdin.on("end", () => {}); require("net").createServer({ allowHalfOpen: true }, s => ' +
      '{ let n = 0; s.on("data", d => { n += d.length }); s.on("end", () => s.end(String(n))) })' +
      '.listen(18474, "127.0.0.1", () => console.log("ready"))'
    const { objects } = await cloud.syscalls.spawn({
      program: { argv: [process.execPath, '-e', program] }, name: 'count', on: 'n2', ports: { count: 18_474 }
    })
    for await (const { bytes } of cloud.syscalls.logs({ id: objects[0]?.id as string, follow: true })) {
      if (bytes.byteLength > 0) break
    }
    const stream = await dial(cloud, 'count')
    const piece = new Uint8Array(256 * 1024)
    for (let sent = 0; sent < 256; sent++) await stream.send(piece)
    await stream.end()
    expect(new TextDecoder().decode(await collectBytes(stream))).to.equal(`${64 << 20}`)
  })

  it('may be a program that listens by system calls', async () => {
    const { objects } = await cloud.syscalls.spawn({ program: { argv: ['sleep', '1000'] }, name: 'chat', on: 'n2' })
    const id = objects[0]?.id as string
    const token = [...two?.node.processes.all() ?? []].find(({ record }) => record.id === id)?.record.token
    const inside = await daemons.connect(two as RunningDaemon, token)
    const listening = listen(inside, 'talk')
    const accepted = listening.next()
    while ((await cloud.syscalls.stat({ id })).ports === undefined) await pass(20)
    const stream = await dial(cloud, 'chat.object.local:talk')
    const { value } = await accepted
    await stream.send(new Uint8Array([1, 2, 3]))
    await stream.end()
    expect([...await collectBytes(value?.stream as AsyncIterable<Uint8Array>)]).to.deep.equal([1, 2, 3])
    await listening.return(undefined)
  })

  it('answers nonsense with an error, and goes on', async () => {
    const [, port] = `${one?.info.proxy}`.split(':')
    const socks = '\u0005\u0001\u0000\u0005\u0009\u0000\u0003aaa'
    for (const bytes of ['GET / HTTP/9.9\r\n\r\n', 'GET http://we b/ HTTP/1.1\r\n\r\n', socks]) {
      const socket = connectTcp(Number(port), '127.0.0.1')
      socket.end(Buffer.from(bytes, 'latin1'))
      expect((await collectBytes(socket)).byteLength, bytes).to.be.above(0)
    }
  })
})
