import { Timeline } from '@welkin/platform-virtual'
import { expect } from 'chai'
import { Silence } from '../src/relaying/silence.ts'

describe('The silence of a connection', () => {
  let timeline: Timeline
  let silence: Silence
  /** Whether a call is under way, and after how long a probe is answered. */
  let waits: boolean
  let answersAfterMs: number | undefined
  let probes: number[]
  let mutes: number[]

  const pass = async (ms: number): Promise<void> => { await timeline.runUntil(timeline.nowMs + ms) }

  beforeEach(() => {
    timeline = new Timeline()
    probes = []
    mutes = []
    waits = false
    answersAfterMs = 10
    silence = new Silence({
      clock: { monotonicMs: () => timeline.nowMs, wallMs: () => timeline.nowMs, after: timeline.after.bind(timeline) },
      probe: async () => {
        probes.push(timeline.nowMs)
        await new Promise<void>(resolve => {
          if (answersAfterMs !== undefined) timeline.after(answersAfterMs, resolve)
        })
      },
      waits: () => waits,
      mute: () => mutes.push(timeline.nowMs)
    })
  })

  it('is not listened to where nothing is to come', async () => {
    await pass(60_000)
    silence.asked()
    timeline.after(100, () => silence.heard())
    await pass(60_000)
    expect([probes, mutes]).to.deep.equal([[], []])
  })

  it('is told of when neither an answer comes nor one to a probe, also where the caller has given up', async () => {
    answersAfterMs = undefined
    silence.asked()
    await pass(60_000)
    expect([probes, mutes]).to.deep.equal([[2000], [4000]])
  })

  it('is nothing where a probe is answered, however long a call takes', async () => {
    waits = true
    silence.asked()
    await pass(60_000)
    expect(probes.length).to.be.within(12, 16)
    expect(mutes).to.deep.equal([])
    waits = false
    await pass(10_000)
    const { length } = probes
    await pass(60_000)
    expect(probes).to.have.length(length)
  })

  it('is nothing where other bytes come, even if the probe is answered late', async () => {
    answersAfterMs = 5000
    silence.asked()
    timeline.after(3900, () => silence.heard())
    await pass(60_000)
    expect(mutes).to.deep.equal([])
  })

  it('is not listened to after the end', async () => {
    answersAfterMs = undefined
    silence.asked()
    silence.stop()
    await pass(60_000)
    expect([probes, mutes]).to.deep.equal([[], []])
  })
})
