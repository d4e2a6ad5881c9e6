import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { Screen, type Terminal } from '../../src/top/screen.ts'
import type { Key } from '../../src/top/view.ts'

/** A terminal that keeps what is written to it, and how it was set. */
class FakeTerminal {
  readonly input = Object.assign(new PassThrough(), {
    raw: false,
    setRawMode (this: { raw: boolean }, raw: boolean) { this.raw = raw }
  })
  readonly output = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 0, rows: 0 })

  get terminal (): Terminal {
    return this as unknown as Terminal
  }

  written (): string {
    return String(this.output.read() ?? '')
  }
}

const NOTHING = { onKey: () => {}, onResize: () => {} }

describe('a screen', () => {
  it('takes the terminal and gives it back as it was, once', () => {
    const fake = new FakeTerminal()
    const listeners = process.listenerCount('exit')
    const screen = new Screen(fake.terminal, NOTHING)
    expect(fake.written()).to.equal('\u001b[?1049h\u001b[?25l\u001b[?7l')
    expect(fake.input.raw).to.equal(true)
    screen[Symbol.dispose]()
    screen[Symbol.dispose]()
    expect(fake.written()).to.equal('\u001b[?7h\u001b[?25h\u001b[?1049l')
    expect(fake.input.raw).to.equal(false)
    expect(fake.input.isPaused()).to.equal(true)
    expect([process.listenerCount('exit'), fake.output.listenerCount('resize')]).to.deep.equal([listeners, 0])
  })

  for (const end of ['exit', 'uncaughtExceptionMonitor'] as const) {
    it(`gives it back where the process ends on its own: ${end}`, () => {
      const fake = new FakeTerminal()
      const before = new Set(process.listeners(end as 'exit'))
      using _screen = new Screen(fake.terminal, NOTHING)
      const leave = process.listeners(end as 'exit').find(listener => !before.has(listener))
      leave?.(0)
      expect(fake.input.raw).to.equal(false)
      expect(fake.written()).to.match(/\[\?1049l$/)
    })
  }

  it('draws from the first line on, and clears what was there before', () => {
    const fake = new FakeTerminal()
    using screen = new Screen(fake.terminal, NOTHING)
    fake.written()
    screen.show(['one', 'two'])
    expect(fake.written()).to.equal('\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[J')
  })

  it('knows the size, and takes the usual one where the terminal does not', () => {
    const fake = new FakeTerminal()
    using screen = new Screen(fake.terminal, NOTHING)
    expect(screen.size).to.deep.equal({ columns: 80, rows: 24 })
    Object.assign(fake.output, { columns: 100, rows: 30 })
    expect(screen.size).to.deep.equal({ columns: 100, rows: 30 })
  })

  it('tells of keys, of a new size, and of the end of input as of Ctrl-C', async () => {
    const fake = new FakeTerminal()
    const told: string[] = []
    let end = (): void => {}
    const ended = new Promise<void>(resolve => { end = resolve })
    using _screen = new Screen(fake.terminal, {
      onKey: ({ name, ctrl }: Key) => {
        told.push(`${ctrl === true ? 'ctrl-' : ''}${name}`)
        if (told.at(-1) === 'ctrl-c') end()
      },
      onResize: () => { told.push('resize') }
    })
    fake.output.emit('resize')
    fake.input.end('q\u001b[A\t')
    await ended
    expect(told).to.deep.equal(['resize', 'q', 'up', 'tab', 'ctrl-c'])
  })
})
