import { emitKeypressEvents } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Size } from './frame.ts'
import type { Key } from './view.ts'

/** The alternate screen, without cursor; what is too long for a line is cut, not continued on the next. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const TO_BEGINNING = '\u001b[H'
const CLEAR_LINE = '\u001b[K'
const CLEAR_REST = '\u001b[J'

/** What a terminal has that does not know its size. */
const USUAL_SIZE: Size = { columns: 80, rows: 24 }

export interface Terminal { input: ReadStream, output: WriteStream }

export interface ScreenEvents {
  onKey: (key: Key) => void
  onResize: () => void
}

/**
 * A terminal as one sheet that is drawn anew as a whole. It is taken at once, with all its keys, and is as it was when
 * the screen is disposed of, or the process ends in whatever way it can notice.
 */
export class Screen implements Disposable {
  readonly #terminal: Terminal
  readonly #events: ScreenEvents
  #left = false
  readonly #onKey = (_text: string | undefined, key: Key): void => { this.#events.onKey(key) }
  readonly #onResize = (): void => { this.#events.onResize() }
  /** Whoever typed is gone. */
  readonly #onEnd = (): void => { this.#events.onKey({ name: 'c', ctrl: true }) }
  readonly #leave = (): void => { this[Symbol.dispose]() }

  constructor (terminal: Terminal, events: ScreenEvents) {
    this.#terminal = terminal
    this.#events = events
    const { input, output } = terminal
    // At such ends nothing else of ours runs any more.
    process.on('exit', this.#leave)
    process.on('uncaughtExceptionMonitor', this.#leave)
    emitKeypressEvents(input)
    input.setRawMode(true)
    input.on('keypress', this.#onKey)
    input.on('end', this.#onEnd)
    input.resume()
    output.on('resize', this.#onResize)
    output.write(ENTER)
  }

  get size (): Size {
    const { columns, rows } = this.#terminal.output
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL_SIZE
  }

  /** Shows these lines and nothing else. */
  show (lines: readonly string[]): void {
    const text = lines.map(line => line + CLEAR_LINE).join('\r\n')
    this.#terminal.output.write(TO_BEGINNING + text + CLEAR_REST)
  }

  [Symbol.dispose] (): void {
    if (this.#left) return
    this.#left = true
    const { input, output } = this.#terminal
    process.off('exit', this.#leave)
    process.off('uncaughtExceptionMonitor', this.#leave)
    input.off('keypress', this.#onKey)
    input.off('end', this.#onEnd)
    input.pause()
    input.setRawMode(false)
    output.off('resize', this.#onResize)
    output.write(LEAVE)
  }
}
