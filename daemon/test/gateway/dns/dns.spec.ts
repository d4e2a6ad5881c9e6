import { expect } from 'chai'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SILENT, type CloudError, type Resolved } from '@welkin/interface'
import { createNodeClock, createNodeMetrics } from '@welkin/platform-node'
import { framed, Framing } from '../../../src/gateway/dns/framing.ts'
import { serveDns, type DnsGateway, type DnsOptions } from '../../../src/gateway/dns/index.ts'
import { ask, endpoint, PlayedNames, tell, type Ask, type Told } from './kit.ts'

const WEB_NAME = 'web.alice.acme.welkin'
const open: Array<{ close: () => unknown }> = []

async function serve (options: Partial<DnsOptions> = {}) {
  const names = new PlayedNames()
  const syscalls = { nodes: async () => ({ nodes: [] }) }
  const metrics = createNodeMetrics()
  const gateway = await serveDns(
    { names: names.asNaming(), syscalls, clock: createNodeClock(), log: SILENT, metrics },
    { host: '127.0.0.1', port: 0, cloud: 'acme', nodeName: 'n1', ...options })
  open.push(gateway)
  return { names, gateway, metrics }
}

class Asker {
  readonly #socket: UdpSocket = createSocket('udp4')
  readonly #port: number

  constructor ({ port }: DnsGateway) {
    this.#port = port
    open.push({ close: () => { this.#socket.close() } })
  }

  send (packet: Buffer): void {
    this.#socket.send(packet, this.#port, '127.0.0.1')
  }

  async receive (): Promise<Buffer> {
    const [reply] = await once(this.#socket, 'message') as [Buffer]
    return reply
  }

  async ask (name: string, options: Ask = {}): Promise<Told> {
    this.send(ask(name, options))
    return tell(await this.receive())
  }
}

async function dial ({ port }: DnsGateway): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  open.push({ close: () => { socket.destroy() } })
  return socket
}

/** The next so many replies. */
async function replies (socket: Socket, count: number): Promise<Told[]> {
  const framing = new Framing()
  const told: Told[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    told.push(...framing.take(chunk as Buffer).map(tell))
    if (told.length >= count) break
  }
  return told
}

function crowd (count: number) {
  return Array.from({ length: count }, (_, at) => endpoint({ node: `id${at}`, addresses: [`10.1.0.${at}`] }))
}

describe('DNS over real sockets', () => {
  afterEach(async () => { for (const { close } of open.splice(0).toReversed()) await close() })

  it('is answered by UDP, each with its own id, also where the answer is that of a moment before', async () => {
    const { names, gateway, metrics } = await serve()
    const asker = new Asker(gateway)
    const one = await asker.ask(WEB_NAME, { id: 1 })
    const other = await asker.ask(WEB_NAME, { id: 2 })
    expect([one.id, other.id]).to.deep.equal([1, 2])
    expect(other.answers).to.deep.equal(one.answers).and.to.have.length(2)
    expect(names.asked).to.have.length(1)
    expect(await metrics.render()).to.match(/welkin_dns_kept_answers_total 1\b/)
  })

  it('is answered anew as soon as a name is heard to have changed', async () => {
    const { names, gateway } = await serve()
    const asker = new Asker(gateway)
    await asker.ask(WEB_NAME)
    names.set('web.alice.acme', [endpoint({ node: 'id9', addresses: ['10.0.0.9'] })])
    expect((await asker.ask(WEB_NAME)).answers).to.have.length(2)
    for (const listener of names.listeners) listener('web.alice.acme')
    expect((await asker.ask(WEB_NAME)).answers).to.deep.equal([`${WEB_NAME} 5 A 10.0.0.9`])
  })

  it('asks once where many ask the same at once', async () => {
    const { names, gateway } = await serve()
    let answer: (found: Resolved) => void = () => {}
    names.resolve = async name => {
      names.asked.push(name)
      return await new Promise<Resolved>(resolve => { answer = resolve })
    }
    const askers = Array.from({ length: 20 }, () => new Asker(gateway))
    const told = askers.map((asker, id) => asker.ask(WEB_NAME, { id }))
    while (names.asked.length === 0) await new Promise(resolve => { setImmediate(resolve) })
    for (let turns = 0; turns < 20; turns++) await new Promise(resolve => { setImmediate(resolve) })
    answer(names.found.get('web.alice.acme') as Resolved)
    expect((await Promise.all(told)).map(({ id }) => id)).to.deep.equal(askers.map((_, id) => id))
    expect(names.asked).to.have.length(1)
  })

  it('sends who gets too little by UDP to TCP, where all is told', async () => {
    const { names, gateway } = await serve()
    names.set('crowd.acme', crowd(100))
    const cut = await new Asker(gateway).ask('crowd.acme.welkin', { edns: 4096 })
    expect([cut.flags.tc, cut.answers.length]).to.deep.equal([true, 0])
    const socket = await dial(gateway)
    socket.write(framed(ask('crowd.acme.welkin', { edns: 4096 })))
    const [whole] = await replies(socket, 1)
    expect([whole?.flags.tc, whole?.answers.length]).to.deep.equal([false, 100])
  })

  it('takes several queries on one connection, however they are cut', async () => {
    const { gateway } = await serve()
    const socket = await dial(gateway)
    const stream = Buffer.concat([1, 2, 3].map(id => framed(ask(WEB_NAME, { id }))))
    socket.write(stream.subarray(0, 5))
    await new Promise(resolve => { setImmediate(resolve) })
    socket.write(stream.subarray(5))
    expect((await replies(socket, 3)).map(({ id }) => id).toSorted()).to.deep.equal([1, 2, 3])
  })

  it('closes connections that say nothing, or what is no query', async () => {
    const { gateway } = await serve({ tcp: { idleMs: 50 } })
    await once(await dial(gateway), 'close')
    const socket = await dial(gateway)
    socket.write(Buffer.of(0, 3, 1, 2, 3))
    await once(socket, 'close')
    expect((await new Asker(gateway).ask(WEB_NAME)).answers).to.have.length(2)
  })

  it('takes no more connections than it is told to', async () => {
    const { gateway } = await serve({ tcp: { connectionsMax: 1 } })
    const first = await dial(gateway)
    await once(await dial(gateway), 'close')
    first.write(framed(ask(WEB_NAME)))
    expect(await replies(first, 1)).to.have.length(1)
  })

  it('limits the answers to one network, and sends some of those beyond to TCP', async () => {
    const { gateway, metrics } = await serve({ rate: { ownPerSecond: 0.001, ownBurst: 2, slip: 1 } })
    const asker = new Asker(gateway)
    const answers = [await asker.ask(WEB_NAME), await asker.ask(WEB_NAME), await asker.ask(WEB_NAME)]
    expect(answers.map(({ flags, answers: { length } }) => [flags.tc, length])).to.deep.equal(
      [[false, 2], [false, 2], [true, 0]])
    expect(await metrics.render()).to.match(/welkin_dns_limited_total\{outcome="slip"\} 1\b/)
    const socket = await dial(gateway)
    socket.write(framed(ask(WEB_NAME)))
    expect((await replies(socket, 1))[0]?.answers).to.have.length(2)
  })

  it('goes on after what is no query', async () => {
    const { gateway } = await serve()
    const asker = new Asker(gateway)
    for (const length of [0, 1, 11, 12, 40, 512, 2000]) asker.send(Buffer.alloc(length, 0xff))
    const answer = ask(WEB_NAME)
    answer[2] = 0x80
    asker.send(answer)
    expect((await asker.ask(WEB_NAME, { id: 9 })).id).to.equal(9)
    asker.send(ask(WEB_NAME).subarray(0, 30))
    expect((await asker.receive()).readUInt16BE(2) & 15).to.equal(1)
  })

  it('says where another program has the port', async () => {
    const { gateway } = await serve()
    const error = await serve({ port: gateway.port }).catch((reason: unknown) => reason as CloudError)
    expect(error).to.include({ code: 'EADDRINUSE' })
    expect(gateway.address).to.equal(`127.0.0.1:${gateway.port}`)
  })

  it('says where an address is not of this machine', async () => {
    const error = await serve({ host: '192.0.2.1' }).catch((reason: unknown) => reason as CloudError)
    expect(error).to.include({ code: 'EINVAL' })
  })

  it('is served by IPv6 as well', async () => {
    const { gateway } = await serve({ host: '::1' })
    const socket = createSocket('udp6')
    open.push({ close: () => { socket.close() } })
    socket.send(ask(WEB_NAME), gateway.port, '::1')
    const [reply] = await once(socket, 'message') as [Buffer]
    expect(tell(reply).answers).to.have.length(2)
    expect(gateway.address).to.equal(`[::1]:${gateway.port}`)
  })
})
