import { expect } from 'chai'
import { sleep } from '@welkin/async'
import { CloudError, type Handler } from '@welkin/interface'
import { rejects } from '@welkin/port-compliance'
import type { Delivery } from '../src/index.ts'
import { createStage, type Node, type Stage } from './stage.ts'

const PROTOCOL = '/welkin/test/1'
const OTHER = '/welkin/other/1'
const payload = new Uint8Array(100)

const echo: Handler = {
  request: async message => message,
  channel: async (_payload, channel) => { for await (const message of channel) await channel.send(message) }
}
const stuck: Handler = {
  request: async () => await new Promise<never>(() => {}),
  channel: async () => await new Promise<never>(() => {})
}

type Pair = Stage & { a: Node, b: Node, ask: (patience?: { timeoutMs?: number }) => Promise<Uint8Array> }

function createPair (handler: Handler, options: Parameters<typeof createStage>[1] = {}): Pair {
  const stage = createStage(['a', 'b'], { quality: { latencyMs: 10, jitterMs: 0 }, ...options })
  const [a, b] = stage.nodes as [Node, Node]
  b.transport.serve(PROTOCOL, handler)
  return { ...stage, a, b, ask: async patience => await a.transport.link('b', PROTOCOL).request(payload, patience) }
}

/** How long `promise` takes on the timeline. */
async function durationMs ({ timeline }: Stage, promise: Promise<unknown>): Promise<number> {
  const beganMs = timeline.nowMs
  await timeline.until(promise)
  return timeline.nowMs - beganMs
}

describe('A virtual connection', () => {
  it('costs three round trips to make, and each request one', async () => {
    const stage = createPair(echo)
    expect(await durationMs(stage, stage.ask())).to.be.closeTo(80, 0.1)
    expect(await durationMs(stage, stage.ask())).to.be.closeTo(20, 0.1)
  })

  it('keeps the order of messages, or where a link says so that of each protocol alone', async () => {
    const sent = Array.from({ length: 60 }, (_, i) => i)
    const heardOver = async (reorderRatio: number): Promise<number[]> => {
      const heard: number[] = []
      const hear = async (message: Uint8Array): Promise<Uint8Array> => {
        heard.push(message[0] as number)
        return message
      }
      const stage = createPair({ ...echo, request: hear }, { quality: { latencyMs: 10, jitterMs: 0, reorderRatio } })
      stage.b.transport.serve(OTHER, { ...echo, request: hear })
      await stage.until(Promise.all(sent.map(async i => {
        await sleep(stage.a.clock, 5 * i)
        await stage.a.transport.link('b', i % 2 === 0 ? PROTOCOL : OTHER).request(Uint8Array.of(i))
      })))
      return heard
    }
    expect(await heardOver(0)).to.deep.equal(sent)
    const heard = await heardOver(0.2)
    expect(heard).to.not.deep.equal(sent)
    for (const rest of [0, 1]) {
      expect(heard.filter(i => i % 2 === rest)).to.deep.equal(sent.filter(i => i % 2 === rest))
    }
  })

  it('takes the time that its bandwidth asks for', async () => {
    const stage = createPair(echo, { quality: { latencyMs: 10, jitterMs: 0, bytesPerSecond: 1e6 } })
    await stage.until(stage.ask())
    const upload = stage.a.transport.link('b', PROTOCOL).request(new Uint8Array(1_000_000))
    expect(await durationMs(stage, upload)).to.be.closeTo(2020, 1)
  })

  it('ends when what is sent is lost again and again, as its probes are', async () => {
    const stage = createPair(echo, { silenceMsMax: 5000 })
    await stage.until(stage.ask())
    stage.network.useLinks(() => ({ latencyMs: 10, jitterMs: 0, bytesPerSecond: 125e6, lossRatio: 1 - 2 ** -20 }))
    expect(await durationMs(stage, rejects(stage.ask(), 'ECONNRESET'))).to.be.closeTo(5000, 0.1)
  })

  it('is refused at once by a machine whose daemon is dead, and after a timeout by one without power', async () => {
    const stage = createPair(echo, { connectMsMax: 5000 })
    stage.machines[1]?.crash()
    expect(await durationMs(stage, rejects(stage.ask(), 'EHOSTDOWN'))).to.be.closeTo(60, 0.1)
    stage.powerOn(1)
    stage.machines[1]?.powerOff()
    expect(await durationMs(stage, rejects(stage.ask(), 'EHOSTDOWN'))).to.be.closeTo(5060, 0.1)
    expect(await durationMs(stage, rejects(stage.ask({ timeoutMs: 100 }), 'ETIMEDOUT'))).to.be.closeTo(100, 0.1)
  })

  it('keeps what comes to a paused daemon until that goes on, and is not made to one', async () => {
    const stage = createPair(echo, { connectMsMax: 3000 })
    await stage.until(stage.ask())
    stage.machines[1]?.pause()
    stage.timeline.after(500, () => stage.machines[1]?.resume())
    expect(await durationMs(stage, stage.ask())).to.be.closeTo(510, 0.1)
    stage.network.disconnect('a', 'b')
    stage.machines[1]?.pause()
    await stage.until(rejects(stage.ask(), 'EHOSTDOWN'))
  })

  it('is reset at once when the other daemon dies, and after a silence when its machine does', async () => {
    const stage = createPair(stuck, { silenceMsMax: 3000 })
    const first = rejects(stage.ask(), 'ECONNRESET')
    await stage.timeline.runUntil(100)
    stage.machines[1]?.crash()
    expect(await durationMs(stage, first)).to.be.closeTo(10, 0.1)
    stage.powerOn(1).transport.serve(PROTOCOL, stuck)
    const second = rejects(stage.ask(), 'ECONNRESET')
    await stage.timeline.runUntil(stage.timeline.nowMs + 100)
    stage.machines[1]?.powerOff()
    expect(await durationMs(stage, second)).to.be.closeTo(3000, 0.1)
  })

  it('is reset by a machine that has come back without knowing it', async () => {
    const stage = createPair(echo)
    await stage.until(stage.ask())
    stage.machines[1]?.powerOff()
    stage.powerOn(1).transport.serve(PROTOCOL, echo)
    expect(await durationMs(stage, rejects(stage.ask(), 'ECONNRESET'))).to.be.closeTo(20, 0.1)
    expect(await stage.until(stage.ask())).to.deep.equal(payload)
  })

  it('holds messages while the way is cut, and delivers them when it is mended', async () => {
    const stage = createPair(echo)
    await stage.until(stage.ask())
    stage.network.cut('b', 'a')
    const answer = stage.ask()
    stage.timeline.after(2000, () => stage.network.mend('b', 'a'))
    expect(await durationMs(stage, answer)).to.be.closeTo(2010, 0.1)
  })

  it('breaks at both ends when the way stays cut', async () => {
    const stage = createPair(stuck, { silenceMsMax: 3000 })
    const aborted = new Promise<void>(resolve => {
      stage.b.transport.serve(`${PROTOCOL}/watched`, {
        ...stuck,
        request: async (_message, { signal }) => {
          signal.addEventListener('abort', () => resolve())
          return await new Promise<never>(() => {})
        }
      })
    })
    const request = rejects(stage.a.transport.link('b', `${PROTOCOL}/watched`).request(payload), 'ECONNRESET')
    await stage.timeline.runUntil(100)
    stage.network.partition([['a'], ['b']])
    expect(await durationMs(stage, Promise.all([request, aborted]))).to.be.closeTo(3000, 0.1)
    const again = rejects(stage.ask(), 'EHOSTDOWN')
    await stage.until(again)
    stage.network.heal()
    const late = stage.ask({ timeoutMs: 50 })
    await stage.until(rejects(late, 'ETIMEDOUT'))
  })

  it('obeys links that are replaced: a cut in them holds it, then breaks it, until they are mended', async () => {
    const open = { latencyMs: 10, jitterMs: 0, bytesPerSecond: 1e9, lossRatio: 0 }
    const cut = { ...open, cut: true }
    const stage = createPair(echo, { silenceMsMax: 3000 })
    await stage.until(stage.ask())
    stage.network.useLinks(from => from === 'b' ? cut : open)
    const answer = stage.ask()
    stage.timeline.after(2000, () => stage.network.useLinks(() => ({ ...open, latencyMs: 20 })))
    expect(await durationMs(stage, answer)).to.be.closeTo(2020, 0.1)
    stage.network.useLinks(() => cut)
    expect(await durationMs(stage, rejects(stage.ask(), 'ECONNRESET'))).to.be.closeTo(3000, 0.1)
    await stage.until(rejects(stage.ask(), 'EHOSTDOWN'))
    stage.timeline.after(2500, () => stage.network.useLinks(() => open))
    expect(await durationMs(stage, stage.ask())).to.be.closeTo(3000 + 80, 0.1)
  })

  it('comes about when a cut ends while it is tried', async () => {
    const stage = createPair(echo)
    stage.network.cut('a', 'b')
    stage.timeline.after(2500, () => stage.network.heal())
    expect(await durationMs(stage, stage.ask())).to.be.closeTo(3000 + 80, 0.1)
  })

  it('is inert for a node that is dead', async () => {
    const stage = createPair(echo)
    await stage.until(stage.ask())
    let settled = false
    stage.machines[0]?.crash()
    for (const promise of [stage.ask({ timeoutMs: 5 }), stage.a.transport.dial('virtual:b')]) {
      const settle = (): void => { settled = true }
      promise.then(settle, settle)
    }
    stage.a.gossip.publish('news', payload)
    await stage.timeline.runUntil(60_000)
    expect(settled).to.equal(false)
  })

  it('counts what each node sends and receives, and shows it', async () => {
    const seen: Delivery[] = []
    const stage = createPair(echo, { observe: delivery => { seen.push(delivery) } })
    await stage.until(stage.ask())
    expect(seen.map(({ kind, from, to, about }) => [kind, from, to, about])).to.deep.equal([
      ['request', 'a', 'b', PROTOCOL], ['answer', 'b', 'a', PROTOCOL]
    ])
    expect(stage.network.trafficOf('a')).to.include({ sentMessages: 1, receivedMessages: 1 })
    const { sentBytes } = stage.network.trafficOf('a')
    expect(sentBytes).to.equal(stage.network.trafficOf('b').receivedBytes).and.at.least(100)
  })

  it('counts what keeps connections up, for as long as they are open', async () => {
    const stage = createPair(echo)
    await stage.until(stage.ask())
    const sent = (): number => stage.network.trafficOf('a').sentMessages
    await stage.timeline.runUntil(100_000)
    expect(sent()).to.be.within(19, 21)
    stage.machines[0]?.powerOff()
    const before = sent()
    await stage.timeline.runUntil(200_000)
    expect(sent()).to.equal(before)
  })

  it('refuses a message that is too large, without sending it', async () => {
    const stage = createPair(echo)
    const large = new Uint8Array(5_000_000)
    await stage.until(rejects(stage.a.transport.link('b', PROTOCOL).request(large), 'E2BIG'))
    const channel = stage.a.transport.link('b', PROTOCOL).open(payload)
    await stage.until(rejects(channel.send(large), 'E2BIG'))
    channel.fail(new CloudError('ECANCELED', 'Enough.'))
  })
})

describe('A virtual network', () => {
  it('tells the same story for the same seed, and another for another', async () => {
    const tell = async (seed: string): Promise<string> => {
      const trace: string[] = []
      const names = Array.from({ length: 20 }, (_none, i) => `n${i}`)
      const quality = { jitterMs: 9, lossRatio: 0.05 }
      const observe = ({ atMs, from, to, kind }: Delivery): void => { trace.push(`${atMs} ${from} ${to} ${kind}`) }
      const stage = createStage(names, { seed, quality, observe })
      for (const { transport, gossip } of stage.nodes) {
        transport.serve(PROTOCOL, echo)
        gossip.subscribe('news', () => {})
      }
      await stage.until(Promise.all(stage.nodes.map(async ({ transport, gossip, clock }, i) => {
        for (const step of [1, 2, 5]) await transport.link(`n${(i + step) % 20}`, PROTOCOL).request(payload)
        await sleep(clock, 2000)
        gossip.publish('news', payload)
      })))
      await stage.timeline.runUntil(10_000)
      return trace.join('\n')
    }
    const story = await tell('one')
    expect(await tell('one')).to.equal(story)
    expect(await tell('two')).to.not.equal(story)
  })
})
