import { CloudError, isCloudError, onAbort, type AbortOptions } from '@welkin/interface'
import type { Connection } from '@welkin/syscalls/connect'
import { formatFrame, pageOf } from './frame.ts'
import { Looker } from './look.ts'
import { countIn, type Picture } from './picture.ts'
import { Screen, type Terminal } from './screen.ts'
import { press, type Key, type View } from './view.ts'

/** From the end of one look to the beginning of the next. */
const PERIOD_MS = 1000

/**
 * Shows a cloud on a terminal, about once a second, until a key or `signal` ends it. Rejects when the first look fails,
 * or the connection is lost; any other look that fails is told of there, and the next one is taken all the same.
 */
export async function watchCloud (
  cloud: Connection, terminal: Terminal, view: View, { signal }: AbortOptions
): Promise<void> {
  const looker = new Looker(cloud.syscalls)
  // Before the terminal is taken: who has no cloud is told so in the ordinary way.
  const picture = await looker.look(view, 0, { signal })
  using top = new Top(looker, terminal, view, picture)
  void cloud.closed.finally(() => { top.lose() })
  const cancel = onAbort(signal, () => { top.end() })
  try {
    await top.run()
  } finally {
    cancel()
  }
}

class Top implements Disposable {
  readonly #looker: Looker
  readonly #screen: Screen
  readonly #ended = new AbortController()
  #view: View
  #picture: Picture
  #problem: string | undefined
  #lost = false
  #wake = (): void => {}

  constructor (looker: Looker, terminal: Terminal, view: View, picture: Picture) {
    this.#looker = looker
    this.#view = view
    this.#picture = picture
    this.#screen = new Screen(terminal, {
      onKey: key => { this.#press(key) },
      onResize: () => { this.#draw() }
    })
  }

  async run (): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.#draw()
      await this.#pause()
      await this.#look()
    }
  }

  end (): void {
    this.#ended.abort(new CloudError('ECANCELED', 'Nobody looks any more.'))
    this.#wake()
  }

  /** The connection is lost: the next look says how. */
  lose (): void {
    this.#lost = true
    this.#wake()
  }

  [Symbol.dispose] (): void {
    this.#screen[Symbol.dispose]()
  }

  async #look (): Promise<void> {
    try {
      const { signal } = this.#ended
      this.#picture = await this.#looker.look(this.#view, pageOf(this.#screen.size), { signal })
      this.#problem = undefined
    } catch (error) {
      if (!isCloudError(error) || this.#lost) throw error
      this.#problem = error.message
    }
  }

  #draw (): void {
    this.#screen.show(formatFrame(this.#picture, this.#view, this.#screen.size, this.#problem))
  }

  /** Until the next look is due, or what is to be looked at has changed. */
  async #pause (): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, PERIOD_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #press (key: Key): void {
    const room = { count: countIn(this.#picture, this.#view), page: pageOf(this.#screen.size) }
    const view = press(this.#view, key, room)
    if (view === 'quit') return this.end()
    const isOther = view.subject !== this.#view.subject
    this.#view = view
    this.#draw()
    if (isOther) this.#wake()
  }
}
