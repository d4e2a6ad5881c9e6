import type { MessageStream } from '@libp2p/interface'
import type { LinkQuality } from '@welkin/links'
import { createVirtualRandom, Timeline } from '@welkin/platform-virtual'
import { expect } from 'chai'
import { ShapedSender } from '../src/shaped-sender.ts'
import { rejection } from './kit.ts'

const MEBIBYTE = 1024 * 1024

/** A raw connection that keeps what comes out of it, and when. */
class FakeRaw extends EventTarget {
  readonly sent: Array<{ atMs: number, bytes: Uint8Array }> = []
  status = 'open'
  writableNeedsDrain = false
  drains = 0
  readonly #timeline: Timeline

  constructor (timeline: Timeline) {
    super()
    this.#timeline = timeline
  }

  send (bytes: Uint8Array): boolean {
    if (this.status !== 'open') throw new Error(`It is ${this.status}.`)
    this.sent.push({ atMs: this.#timeline.nowMs, bytes })
    return true
  }

  async close (): Promise<void> {
    this.end('closed')
  }

  end (status: string): void {
    this.status = status
    this.dispatchEvent(new Event('close'))
  }

  safeDispatchEvent (kind: string): void {
    if (kind === 'drain') this.drains++
  }
}

describe('A shaped sender', () => {
  let timeline: Timeline
  let raw: FakeRaw
  let stream: MessageStream
  let quality: LinkQuality

  const passed = (): Array<[atMs: number, first: number | undefined]> =>
    raw.sent.map(({ atMs, bytes }) => [Math.round(atMs), bytes[0]])

  const shapedSender = (): ShapedSender => {
    const clock = {
      monotonicMs: () => timeline.nowMs, wallMs: () => timeline.nowMs, after: timeline.after.bind(timeline)
    }
    raw = new FakeRaw(timeline)
    stream = raw as unknown as MessageStream
    return new ShapedSender(stream, { clock, random: createVirtualRandom('shaped') })
  }

  beforeEach(() => {
    timeline = new Timeline()
    quality = { latencyMs: 30, jitterMs: 0, bytesPerSecond: 1e9, lossRatio: 0 }
    shapedSender().shape(() => quality)
  })

  it('lets everything pass at once until it is told of a link', () => {
    shapedSender()
    stream.send(Uint8Array.of(1))
    expect(passed()).to.deep.equal([[0, 1]])
  })

  it('lets bytes pass after the latency, whole and in order, whatever the jitter', async () => {
    quality.jitterMs = 100
    const message = Uint8Array.from({ length: 300_000 }, (_none, at) => at % 251)
    for (let at = 0; at < message.length; at += 50_000) stream.send(message.subarray(at, at + 50_000))
    expect(raw.sent).to.deep.equal([])
    await timeline.runUntil(29.9)
    expect(raw.sent).to.deep.equal([])
    await timeline.runUntil(131)
    expect(Buffer.concat(raw.sent.map(({ bytes }) => bytes)).equals(message)).to.equal(true)
  })

  it('asks for the link at each packet', async () => {
    stream.send(Uint8Array.of(1))
    quality = { ...quality, latencyMs: 50 }
    stream.send(Uint8Array.of(2))
    await timeline.runUntil(100)
    expect(passed()).to.deep.equal([[30, 1], [50, 2]])
  })

  it('takes the time that the bandwidth asks for', async () => {
    quality.bytesPerSecond = 1e6
    stream.send(new Uint8Array(1_000_000))
    await timeline.runUntil(2000)
    expect(raw.sent.at(-1)?.atMs).to.be.closeTo(1030, 0.1)
  })

  it('does not wait for what is shorter than a timer', () => {
    quality.latencyMs = 0.3
    stream.send(Uint8Array.of(1))
    expect(passed()).to.deep.equal([[0, 1]])
  })

  it('holds what is sent while the link is cut, and lets arrive what was in the air', async () => {
    stream.send(Uint8Array.of(1))
    quality = { ...quality, cut: true }
    stream.send(Uint8Array.of(2))
    stream.send(Uint8Array.of(3))
    await timeline.runUntil(5000)
    expect(passed()).to.deep.equal([[30, 1]])
    quality = { ...quality, cut: false }
    await timeline.runUntil(6000)
    expect(passed().map(([, first]) => first)).to.deep.equal([1, 2, 3])
    expect(raw.sent[1]?.atMs).to.be.within(5030, 5131)
  })

  it('tells its user to wait when it holds too much, and when there is room again', async () => {
    quality = { ...quality, cut: true }
    expect(stream.send(new Uint8Array(4 * MEBIBYTE))).to.equal(true)
    expect(stream.send(new Uint8Array(1))).to.equal(false)
    quality = { ...quality, cut: false }
    await timeline.runUntil(1000)
    expect(raw.drains).to.equal(1)
  })

  it('tells its user to wait when the connection below does', () => {
    raw.writableNeedsDrain = true
    expect(stream.send(new Uint8Array(1))).to.equal(false)
  })

  it('closes when all has passed', async () => {
    stream.send(Uint8Array.of(1))
    await timeline.until(stream.close())
    expect([passed(), raw.status]).to.deep.equal([[[30, 1]], 'closed'])
  })

  it('gives up waiting to close when it is told to', async () => {
    quality = { ...quality, cut: true }
    stream.send(Uint8Array.of(1))
    const controller = new AbortController()
    const closing = rejection(stream.close({ signal: controller.signal }))
    controller.abort()
    expect(await closing).to.include({ code: 'ECANCELED' })
    expect(raw.status).to.equal('open')
  })

  it('forgets everything when the connection ends, and refuses as it does', async () => {
    stream.send(Uint8Array.of(1))
    quality = { ...quality, cut: true }
    stream.send(Uint8Array.of(2))
    const closing = stream.close()
    raw.end('aborted')
    await closing
    quality = { ...quality, cut: false }
    await timeline.runUntil(1000)
    expect(raw.sent).to.deep.equal([])
    expect(() => stream.send(Uint8Array.of(3))).to.throw('It is closed.')
  })
})
