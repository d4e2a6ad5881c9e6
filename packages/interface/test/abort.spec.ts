import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { CloudError, onAbort } from '../src/index.ts'

const reason = new CloudError('ECANCELED', 'Enough.')

describe('who waits for a signal', () => {
  it('is told once, in the order of their coming, but for those who were taken off', () => {
    const controller = new AbortController()
    const told: number[] = []
    const cancels = [1, 2, 3, 4].map(nth => onAbort(controller.signal, why => {
      if (why === reason) told.push(nth)
      if (nth === 1) cancels[3]?.()
    }))
    cancels[1]?.()
    controller.abort(reason)
    controller.abort(reason)
    expect(told).to.deep.equal([1, 3])
  })

  it('is told at once where it was aborted before', () => {
    const controller = new AbortController()
    controller.abort(reason)
    let told: unknown
    onAbort(controller.signal, why => { told = why })
    expect(told).to.equal(reason)
  })

  it('takes one listener of it, however many they are, and none when all are gone', () => {
    const { signal } = new AbortController()
    const cancels = Array.from({ length: 100 }, () => onAbort(signal, () => {}))
    expect(getEventListeners(signal, 'abort')).to.have.lengthOf(1)
    for (const cancel of cancels) cancel()
    expect(getEventListeners(signal, 'abort')).to.have.lengthOf(0)
    onAbort(signal, () => {})
    expect(getEventListeners(signal, 'abort')).to.have.lengthOf(1)
  })
})
