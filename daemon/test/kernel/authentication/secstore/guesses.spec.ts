import { expect } from 'chai'
import { waitMsOf, withGuess, type Guesses } from '../../../../src/kernel/authentication/secstore/guesses.ts'

/** After so many guesses, each as soon as it may be. */
function after (count: number): Guesses {
  let guesses: Guesses | undefined
  for (let made = 0; made < count; made++) guesses = withGuess(guesses, guesses?.waitUntilMs ?? 0)
  return guesses as Guesses
}

describe('guesses', () => {
  it('are free at first, and then each has to wait twice as long, up to an hour', () => {
    const waits = [1, 4, 5, 6, 7, 8, 16, 30].map(count => {
      const { waitUntilMs } = after(count)
      return waitUntilMs - (count === 1 ? 0 : after(count - 1).waitUntilMs)
    })
    expect(waits).to.deep.equal([0, 0, 2000, 4000, 8000, 16_000, 3_600_000, 3_600_000])
  })

  it('are some two dozen a day at the most', () => {
    let count = 0
    for (let nowMs = 0, guesses = after(20); nowMs < 86_400_000; nowMs = guesses.waitUntilMs, count++) {
      guesses = withGuess(guesses, Math.max(nowMs, guesses.waitUntilMs))
    }
    expect(count).to.be.lessThan(26)
  })

  it('are forgiven after a day without any', () => {
    const guesses = after(10)
    expect(withGuess(guesses, guesses.waitUntilMs + 86_400_001).count).to.equal(1)
    expect(withGuess(guesses, guesses.waitUntilMs + 86_399_999).count).to.equal(11)
  })

  it('wait no longer than an hour, though the clock was set back', () => {
    expect(waitMsOf(after(10), -1e12)).to.equal(3_600_000)
    expect(waitMsOf(undefined, 0)).to.equal(0)
  })
})
