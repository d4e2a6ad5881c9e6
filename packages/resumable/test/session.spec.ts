import { expect } from 'chai'
import fc from 'fast-check'
import { decodeFrame, encodeFrame, Session } from '../src/index.ts'

const BOUNDS = { windowBytes: 16, pieceBytesMax: 5 }

/** One end with what it has to say, and what it has heard. */
class End {
  session = new Session(BOUNDS)
  /** Frames on their way to the other end. */
  way: Uint8Array[] = []
  heard: number[] = []
  heardEnd = false
  readonly #toSay: number[]

  constructor (toSay: number[]) {
    this.#toSay = [...toSay]
  }

  say (count: number): void {
    if (this.session.state.ended) return
    if (this.session.hasRoom && this.#toSay.length > 0) {
      this.session.write(Uint8Array.from(this.#toSay.splice(0, count)))
    } else if (this.#toSay.length === 0) this.session.end()
  }

  send (): void {
    const frame = this.session.next()
    if (frame !== undefined) this.way.push(encodeFrame(frame))
  }

  take (): void {
    const piece = this.session.peek()
    if (piece === 'end') this.heardEnd = true
    else if (piece !== undefined) {
      this.heard.push(...piece)
      this.session.taken()
    }
  }

  move (): void {
    this.session = new Session(BOUNDS, structuredClone(this.session.state))
  }
}

class Pair {
  readonly ends: readonly [End, End]

  constructor (one: number[], other: number[]) {
    this.ends = [new End(one), new End(other)]
    this.connect()
  }

  connect (): void {
    for (const end of this.ends) {
      end.way = []
      end.session.attach()
    }
  }

  cut (): void {
    for (const end of this.ends) {
      end.way = []
      end.session.detach()
    }
  }

  arrive (which: 0 | 1): void {
    const frame = this.ends[which].way.shift()
    if (frame !== undefined) this.ends[1 - which as 0 | 1].session.receive(decodeFrame(frame))
  }

  /** One step of those that there are, by number. */
  step (what: number): void {
    const which = (what % 2) as 0 | 1
    const end = this.ends[which]
    switch (Math.floor(what / 2) % 8) {
      case 0: case 1: return end.say(1 + what % 7)
      case 2: case 3: return end.send()
      case 4: return this.arrive(which)
      case 5: return end.take()
      case 6: return this.connect()
      default:
        this.cut()
        end.move()
        this.connect()
    }
  }

  /** Until both ends are done. */
  settle (): void {
    this.connect()
    const isDone = (): boolean => this.ends.every(({ session, heardEnd }) => session.isDone && heardEnd)
    for (let round = 0; round < 2000 && !isDone(); round++) {
      for (const which of [0, 1] as const) {
        this.ends[which].say(3)
        this.ends[which].send()
        this.arrive(which)
        this.ends[which].take()
      }
    }
  }

  check (one: readonly number[], other: readonly number[]): void {
    expect(this.ends.map(({ session }) => session.isDone)).to.deep.equal([true, true])
    expect(this.ends[1].heard).to.deep.equal(one)
    expect(this.ends[0].heard).to.deep.equal(other)
  }
}

const count = (length: number): number[] => Array.from({ length }, (_, at) => at % 256)

describe('a resumable stream', () => {
  it('loses and doubles nothing, whatever the order of steps, losses and moves', () => {
    const bytes = fc.array(fc.nat(255), { maxLength: 60 })
    fc.assert(fc.property(bytes, bytes, fc.array(fc.nat(15), { maxLength: 200 }), (one, other, steps) => {
      const pair = new Pair(one, other)
      for (const step of steps) pair.step(step)
      pair.settle()
      pair.check(one, other)
    }), { numRuns: 3000 })
  })

  it('loses and doubles nothing, wherever one connection breaks and wherever the next does', () => {
    const steps = Array.from({ length: 160 }, (_, at) => [0, 1, 4, 5, 8, 9, 10, 11][at % 8] as number)
    for (let first = 0; first < steps.length; first++) {
      for (let second = first + 1; second < steps.length; second += 1 + first % 3) {
        const pair = new Pair(count(40), count(23))
        for (const [at, step] of steps.entries()) {
          if (at === first) pair.connect()
          if (at === second) pair.step(14)
          pair.step(step)
        }
        pair.settle()
        pair.check(count(40), count(23))
      }
    }
  })

  it('keeps no more than its window and one piece', () => {
    const session = new Session(BOUNDS)
    for (let at = 0; at < 100 && session.hasRoom; at++) session.write(new Uint8Array(5))
    expect(session.state.kept.length * 5).to.be.at.most(BOUNDS.windowBytes + 5)
  })

  it('is read as far as there is room, or looked at, whatever the pieces in which it came', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 20 })
    fc.assert(fc.property(pieces, fc.array(fc.nat(12), { maxLength: 30 }), (come, sizes) => {
      const session = new Session({ windowBytes: 1000, pieceBytesMax: 16 })
      session.attach()
      session.receive({ kind: 'hello', at: 0, ended: false })
      let at = 0
      for (const bytes of come) {
        session.receive({ kind: 'data', at, bytes })
        at += bytes.length
      }
      const all = Buffer.concat(come)
      let done = 0
      for (const size of sizes) {
        const into = new Uint8Array(size)
        expect(session.copy(into, 3)).to.equal(Math.max(0, Math.min(size, all.length - done - 3)))
        const copied = session.copy(into)
        expect(Buffer.from(into.subarray(0, copied))).to.deep.equal(all.subarray(done, done + size))
        session.took(copied)
        done += copied
        expect(session.untakenBytes).to.equal(all.length - done)
      }
    }))
  })

  it('puts short pieces together, so that a byte at a time does not cost a piece each', () => {
    const session = new Session({ windowBytes: 1 << 20, pieceBytesMax: 1 << 16 })
    for (let n = 0; n < 10_000; n++) session.write(Uint8Array.of(n & 0xff))
    const { kept } = session.state
    expect(kept.length).to.be.below(12)
    expect(Buffer.concat(kept)).to.deep.equal(Buffer.from(Array.from({ length: 10_000 }, (_none, n) => n & 0xff)))
  })

  it('refuses what cannot be, by EPROTO', () => {
    const frames = fc.uint8Array({ maxLength: 30 })
    fc.assert(fc.property(fc.array(frames, { maxLength: 6 }), some => {
      const session = new Session(BOUNDS)
      session.attach()
      try {
        for (const bytes of some) session.receive(decodeFrame(bytes))
      } catch (error) {
        expect((error as { code?: string }).code).to.equal('EPROTO')
      }
      expect(session.untakenBytes).to.be.at.least(0)
    }))
    const session = new Session(BOUNDS)
    session.attach()
    expect(() => session.receive({ kind: 'data', at: 0, bytes: new Uint8Array(1) })).to.throw(/hello first/)
    expect(() => session.receive({ kind: 'hello', at: 5, ended: false })).to.throw(/never sent/)
  })
})
