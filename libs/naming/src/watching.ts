import { backOffMs, Mailbox } from '@welkin/async'
import type { InputOf, ReplyOf, Syscalls } from '@welkin/abi'
import { isCloudError, type Cancel, type Clock, type Logger, type Random } from '@welkin/interface'

export type NameNews = ReplyOf<'name.watch'>

export interface WatchingPorts {
  syscalls: { readonly name: Pick<Syscalls['name'], 'watch'> }
  clock: Clock
  random: Random | undefined
  log: Logger
}

type Wish = InputOf<'name.watch'>

/** What one message names. */
const NAMES_MAX = 1000
const BACK_OFF = { firstMs: 500, maxMs: 30_000, factor: 2 }
/** Where there is no chance, all wait for the middle of the time. */
const NO_CHANCE = { unit: () => 0.5 } as Random

/** One conversation in which the asked node tells what the wanted names stand for; begun again when it breaks. */
export class Watching {
  readonly #ports: WatchingPorts
  readonly #told: (news: NameNews) => void
  readonly #names = new Set<string>()
  /** What is yet to be said in the conversation that goes on; undefined: there is none. */
  #wishes: Mailbox<Wish> | undefined
  #failures = 0
  #pause: Cancel | undefined
  #stopped = false

  constructor (ports: WatchingPorts, told: (news: NameNews) => void) {
    this.#ports = ports
    this.#told = told
  }

  want (name: string): void {
    if (this.#stopped || this.#names.has(name)) return
    this.#names.add(name)
    if (this.#wishes !== undefined) this.#wishes.put({ watch: [name] })
    else if (this.#pause === undefined) void this.#converse()
  }

  forget (name: string): void {
    if (!this.#names.delete(name)) return
    if (this.#names.size === 0) this.#wishes?.end()
    else this.#wishes?.put({ forget: [name] })
  }

  stop (): void {
    this.#stopped = true
    this.#names.clear()
    this.#pause?.()
    this.#wishes?.end()
  }

  /** Until it breaks or nothing is wanted any more. */
  async #converse (): Promise<void> {
    const { syscalls, log } = this.#ports
    const all = [...this.#names]
    const wishes = new Mailbox<Wish>()
    this.#wishes = wishes
    for (let from = NAMES_MAX; from < all.length; from += NAMES_MAX) {
      wishes.put({ watch: all.slice(from, from + NAMES_MAX) })
    }
    const controller = new AbortController()
    try {
      const input = this.#heard(wishes, controller)
      const { signal } = controller
      for await (const news of syscalls.name.watch({ names: all.slice(0, NAMES_MAX) }, { input, signal })) {
        this.#failures = 0
        if (this.#names.has(news.asked)) this.#told(news)
      }
    } catch (error) {
      if (!isCloudError(error)) throw error
      if (!controller.signal.aborted) log.debug('naming.watch_broken', { code: error.code })
    }
    wishes.end()
    this.#wishes = undefined
    if (!this.#stopped && this.#names.size > 0) this.#rest()
  }

  /** What is said, and an end to the conversation after it: nobody listens to one in which nothing is wanted. */
  async * #heard (wishes: Mailbox<Wish>, controller: AbortController): AsyncGenerator<Wish> {
    yield * wishes
    controller.abort()
  }

  #rest (): void {
    const { clock, random = NO_CHANCE } = this.#ports
    this.#pause = clock.after(backOffMs(BACK_OFF, this.#failures++, random), () => {
      this.#pause = undefined
      if (!this.#stopped && this.#names.size > 0) void this.#converse()
    })
  }
}
