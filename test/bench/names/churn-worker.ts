import { setMaxListeners } from 'node:events'
import { directoryOptions } from '@welkin/daemon/kernel'
import { CloudError, drawInteger, type Directory, type Random, type RecordKind } from '@welkin/interface'
import { Timeline } from '@welkin/platform-virtual'
import { answerParent } from '../child.ts'
import { tell } from '../progress.ts'
import { LightCloud } from './light-cloud.ts'

export interface ChurnQuestion {
  nodes: number, names: number, hours: number, looks: number
  /** Of all nodes, in an hour. */
  churn: number
  seed: number
}

export interface ChurnTold {
  looks: number, right: number, stale: number, unanswered: number, deaths: number
  /** Names that two nodes do not find in the end, and those of them that nobody has any more. */
  unfound: number, lost: number
  virtualSeconds: number, requests: number
}

const HOUR_MS = 3_600_000
const SITE_NODES = 100
/** A node that died comes back after so long, on average, and has forgotten everything. */
const AWAY_MS = 300_000
/** Of the looks, so many are puts of a newer version. */
const PUT_SHARE = 0.1
const WIDTH = 200

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** A version, as text. */
const KIND: RecordKind = {
  name: 'name',
  check: (_key, record) => {
    if (!Number.isInteger(versionIn(record))) throw new CloudError('EPROTO', 'It is no version.')
    return record
  },
  merge: (_key, held, given) => versionIn(given) > versionIn(held) ? given : held,
  untilMs: () => 1e15
}

function keyOf (name: number): string {
  return `name ${name}`
}

function versionIn (record: Uint8Array): number {
  return Number(decoder.decode(record))
}

setMaxListeners(0) // one deadline may cut short any number of calls
answerParent(async (question: ChurnQuestion) => {
  const timeline = new Timeline()
  return await timeline.until(new Churn(timeline, question).play())
})

class Churn {
  readonly #timeline: Timeline
  readonly #question: ChurnQuestion
  readonly #cloud: LightCloud
  readonly #random: Random
  /** The latest version that was acknowledged, by name. */
  readonly #versions: number[]
  readonly #told = { looks: 0, right: 0, stale: 0, unanswered: 0, deaths: 0, unfound: 0, lost: 0 }
  #endMs = Number.POSITIVE_INFINITY

  constructor (timeline: Timeline, question: ChurnQuestion) {
    const { nodes, names, seed } = question
    this.#timeline = timeline
    this.#question = question
    // Looks at neighbours are rarer than by default: what follows from them is the same, later.
    const directory = directoryOptions.parse({
      keepMsMax: 1e12, lookPeriodMs: 20_000, comparePeriodMs: 7_200_000, timeoutMs: 10_000, recordsMax: 1_000_000
    })
    this.#cloud = new LightCloud(timeline, { nodes, siteNodes: SITE_NODES, seed: `${seed}`, directory, kind: KIND })
    this.#random = this.#cloud.random.fork('churn')
    this.#versions = Array.from({ length: names }, () => 0)
  }

  async play (): Promise<ChurnTold> {
    const { hours, names, looks } = this.#question
    for (let place = 0; place < this.#cloud.size; place++) await this.#cloud.powerOn(place)
    await this.#pass(60_000)
    tell(`${this.#cloud.size} nodes are up`)
    await this.#each(names, async name => await this.#put(name, 1))
    await this.#pass(60_000)
    tell(`${names} names are put`)
    const beganMs = this.#timeline.nowMs
    this.#endMs = beganMs + hours * HOUR_MS
    for (let place = 0; place < this.#cloud.size; place++) this.#live(place)
    const gapMs = hours * HOUR_MS / looks
    const running: Array<Promise<void>> = []
    let toldHour = 0
    for (let i = 0; i < looks; i++) {
      await this.#pass(gapMs)
      running.push(this.#look(drawInteger(this.#random, names)))
      const hour = Math.floor((this.#timeline.nowMs - beganMs) / HOUR_MS)
      if (hour > toldHour) tell(`${toldHour = hour} h: ${JSON.stringify(this.#told)}`)
    }
    await this.#pass(1_200_000) // those that died last are back, and all is quiet
    await Promise.race([Promise.all(running), this.#pass(60_000)])
    const unfound: number[] = []
    await this.#each(names, async name => {
      if (await this.#found(name) === undefined && await this.#found(name) === undefined) unfound.push(name)
    })
    const kept = this.#kept()
    const lost = unfound.filter(name => !kept.has(keyOf(name))).length
    Object.assign(this.#told, { unfound: unfound.length, lost })
    return { ...this.#told, virtualSeconds: this.#timeline.nowMs / 1000, requests: this.#cloud.requests }
  }

  /** A node dies by chance, comes back, and so on. */
  #live (place: number): void {
    const meanMs = HOUR_MS / this.#question.churn
    this.#timeline.after(this.#drawMs(meanMs), () => {
      if (this.#timeline.nowMs >= this.#endMs) return
      this.#cloud.powerOff(place)
      this.#told.deaths++
      this.#timeline.after(this.#drawMs(AWAY_MS), () => {
        void this.#cloud.powerOn(place)
        this.#live(place)
      })
    })
  }

  async #look (name: number): Promise<void> {
    const before = this.#versions[name] as number
    if (this.#random.unit() < PUT_SHARE) {
      await this.#put(name, before + 1)
      return
    }
    this.#told.looks++
    const version = await this.#found(name)
    if (version === undefined) this.#told.unanswered++
    else if (version < before) this.#told.stale++
    else this.#told.right++
  }

  async #put (name: number, version: number): Promise<void> {
    const [place, directory] = this.#any()
    const putting = directory.put(KIND.name, keyOf(name), encoder.encode(`${version}`))
    const outcome = await this.#unlessDead(place, directory, putting)
    if (outcome !== undefined) this.#versions[name] = Math.max(version, this.#versions[name] as number)
  }

  async #found (name: number): Promise<number | undefined> {
    const [place, directory] = this.#any()
    const record = await this.#unlessDead(place, directory, directory.get(KIND.name, keyOf(name)))
    if (record === 'asker died') return this.#versions[name]
    return record === undefined ? undefined : versionIn(record)
  }

  /** What any node has. */
  #kept (): Set<string> {
    const kept = new Set<string>()
    for (let place = 0; place < this.#cloud.size; place++) {
      for (const [key] of this.#cloud.directory(place)?.held(KIND.name) ?? []) kept.add(key)
    }
    return kept
  }

  /** Whoever asked and died hears nothing: that is no fault of the directory. */
  async #unlessDead<T> (
    place: number, directory: Directory, outcome: Promise<T>
  ): Promise<T | 'asker died' | undefined> {
    try {
      const answer = await Promise.race([outcome, this.#pass(30_000)])
      if (answer !== undefined || this.#cloud.directory(place) === directory) return answer as T
      return 'asker died'
    } catch (error) {
      if (error instanceof CloudError) return undefined
      throw error
    }
  }

  /** Some node that is up. */
  #any (): [place: number, directory: Directory] {
    for (;;) {
      const place = drawInteger(this.#random, this.#cloud.size)
      const directory = this.#cloud.directory(place)
      if (directory !== undefined) return [place, directory]
    }
  }

  async #each (count: number, work: (place: number) => Promise<void>): Promise<void> {
    for (let at = 0; at < count; at += WIDTH) {
      await Promise.all(Array.from({ length: Math.min(WIDTH, count - at) }, (_, i) => work(at + i)))
    }
  }

  #drawMs (meanMs: number): number {
    return -meanMs * Math.log(1 - this.#random.unit())
  }

  async #pass (ms: number): Promise<undefined> {
    await new Promise<void>(resolve => { this.#timeline.after(ms, resolve) })
    return undefined
  }
}
