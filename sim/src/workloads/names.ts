import {
  CloudError, drawInteger, drawOne, isCloudError, type Directory, type Random, type RecordKind
} from '@welkin/interface'
import type { NamesDescription } from '../scenario/schema.ts'
import type { VirtualCloud } from '../virtual-cloud.ts'
import { drawExponential } from './exponential.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const PATIENCE_MS = 30_000
/** Asked at a time, when all names are. */
const WIDTH = 20

function versionIn (record: Uint8Array): number {
  return Number(decoder.decode(record))
}

/** A name's record is the number of times that it was put. */
const KIND: RecordKind = {
  name: 'sim-name',
  check: (_key, record) => {
    if (!Number.isInteger(versionIn(record))) throw new CloudError('EPROTO', 'It is no version.')
  },
  merge: (_key, held, given) => versionIn(given) > versionIn(held) ? given : held,
  untilMs: () => Number.MAX_SAFE_INTEGER
}

/** What a directory is asked, and whether it answers as it should. */
export class NamesWork {
  readonly #cloud: VirtualCloud
  readonly #random: Random
  readonly #description: NamesDescription
  readonly #broken: (what: string) => void
  /** The latest version that was acknowledged, by the number of the name. */
  readonly #versions: number[]
  #looks = 0
  #right = 0
  #isOver = false

  constructor (cloud: VirtualCloud, description: NamesDescription, broken: (what: string) => void) {
    this.#cloud = cloud
    this.#random = cloud.random.fork('names')
    this.#description = description
    this.#broken = broken
    this.#versions = Array.from({ length: description.count }, () => 0)
  }

  /** A node that has just started keeps such names. */
  static keptBy (directory: Directory): void {
    directory.keep(KIND)
  }

  /** Names are put and looked up from now on, each from anywhere. */
  start (): void {
    const { count, perMinute, puts } = this.#description
    for (let name = 0; name < count; name++) void this.#put(name, 1)
    const act = (): void => {
      if (this.#isOver) return
      const name = drawInteger(this.#random, count)
      if (this.#random.unit() < puts) void this.#put(name, (this.#versions[name] as number) + 1)
      else void this.#look(name)
      this.#cloud.after(drawExponential(this.#random, 60_000 / perMinute), act)
    }
    this.#cloud.after(drawExponential(this.#random, 60_000 / perMinute), act)
  }

  /** Faults are over: every name that was acknowledged must be found now. Resolves with figures. */
  async end (): Promise<Record<string, number>> {
    this.#isOver = true
    await this.#cloud.pass(PATIENCE_MS)
    let lost = 0
    const { count, rightAtLeast } = this.#description
    for (let at = 0; at < count; at += WIDTH) {
      await Promise.all(this.#versions.slice(at, at + WIDTH).map(async (version, place) => {
        if (version === 0 || ((await this.#get(at + place)) ?? 0) >= version) return
        lost++
        this.#broken(`name ${at + place} was acknowledged as of version ${version}, and is not found`)
      }))
    }
    const rightRatio = this.#looks === 0 ? 1 : this.#right / this.#looks
    if (rightRatio < rightAtLeast) this.#broken(`of ${this.#looks} look-ups ${this.#right} were right at the first try`)
    return { nameLooks: this.#looks, namesRightRatio: rightRatio, namesLost: lost }
  }

  async #look (name: number): Promise<void> {
    const atLeast = this.#versions[name] as number
    if (atLeast === 0) return
    const version = await this.#get(name)
    if (version === undefined && this.#isOver) return
    this.#looks++
    if ((version ?? 0) >= atLeast) this.#right++
  }

  async #get (name: number): Promise<number | undefined> {
    return await this.#ask(async directory => {
      const record = await directory.get(KIND.name, `${name}`)
      return record === undefined ? 0 : versionIn(record)
    })
  }

  async #put (name: number, version: number): Promise<void> {
    const holders = await this.#ask(async directory =>
      (await directory.put(KIND.name, `${name}`, encoder.encode(`${version}`))).holders)
    if (holders !== undefined) this.#versions[name] = Math.max(version, this.#versions[name] as number)
  }

  /** Asks some node that runs; undefined: it said that it cannot, or has lost its power meanwhile. */
  async #ask<T> (ask: (directory: Directory) => Promise<T>): Promise<T | undefined> {
    const node = drawOne(this.#random, this.#cloud.nodes())
    if (node === undefined) return undefined
    try {
      return await Promise.race([ask(node.directory), this.#cloud.pass(PATIENCE_MS).then(() => undefined)])
    } catch (error) {
      if (!isCloudError(error)) throw error
      this.#cloud.mark('name refused', node.id, error.code)
      return undefined
    }
  }
}
