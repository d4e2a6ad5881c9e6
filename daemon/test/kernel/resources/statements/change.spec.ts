import { expect } from 'chai'
import type { Coordinate } from '@welkin/interface'
import { changeOf, type Change } from '../../../../src/kernel/resources/statements/change.ts'
import type { Vitals } from '../../../../src/kernel/resources/statements/vitals.ts'
import { vitalsOf } from './kit.ts'

const GIBIBYTE = 2 ** 30

type Load = Partial<Vitals['load']>

/** How much of a change each of these pairs of loads is. */
function changesOf (pairs: ReadonlyArray<readonly [before: Load, after: Load]>): Change[] {
  const withLoad = (load: Load): Vitals => vitalsOf({ load: { ...vitalsOf().load, ...load } })
  return pairs.map(([before, after]) => changeOf(withLoad(before), withLoad(after)))
}

const at = (vector: number[], more: Partial<Coordinate> = {}): Vitals =>
  vitalsOf({ coordinate: { vector, heightMs: 1, error: 0.2, ...more } })

describe('a change of vitals', () => {
  it('is none where nothing changed, or hardly anything', () => {
    expect(changeOf(vitalsOf(), vitalsOf())).to.equal('none')
    expect(new Set(changesOf([
      [{ cpuBusyRatio: 0.5 }, { cpuBusyRatio: 0.59 }],
      [{ memoryFreeBytes: 100 * GIBIBYTE }, { memoryFreeBytes: 96 * GIBIBYTE }],
      [{ memoryFreeBytes: 2 ** 27 }, { memoryFreeBytes: 1 }], // a large part of little
      [{ load1m: 1 }, { load1m: 9 }],
      [{ network: { receivedBytesPerSecond: 0, sentBytesPerSecond: 0 } }, {}]
    ]))).to.deep.equal(new Set(['none']))
    expect(changeOf(at([100, 0]), at([105, 0]))).to.equal('none')
  })

  it('is urgent where others place by it', () => {
    expect(new Set(changesOf([
      [{ objects: 1 }, { objects: 2 }], [{ objectsMax: 1 }, { objectsMax: 2 }],
      [{ cpuPromised: 1 }, { cpuPromised: 1.01 }],
      [{ memoryPromisedBytes: GIBIBYTE }, { memoryPromisedBytes: GIBIBYTE + 2 ** 20 }]
    ]))).to.deep.equal(new Set(['urgent']))
    expect(changeOf(vitalsOf(), vitalsOf({ leaving: true }))).to.equal('urgent')
    expect(changeOf(vitalsOf(), vitalsOf({ price: 1 }))).to.equal('urgent')
  })

  it('is slight where it is worth a word some time', () => {
    expect(new Set(changesOf([
      [{ cpuBusyRatio: 0.5 }, { cpuBusyRatio: 0.6 }], [{}, { cpuBusyRatio: 0.1 }],
      [{ memoryFreeBytes: 100 * GIBIBYTE }, { memoryFreeBytes: 94 * GIBIBYTE }],
      [{ diskFreeBytes: 100 * GIBIBYTE }, { diskFreeBytes: 90 * GIBIBYTE }],
      [{ pressure: { cpu: 0.1 } }, { pressure: { cpu: 0.3 } }], [{ pressure: { memory: 0.1 } }, {}],
      [{}, { pressure: { io: 0.1 } }]
    ]))).to.deep.equal(new Set(['slight']))
    expect(changeOf(vitalsOf(), at([1]))).to.equal('slight')
    expect(changeOf(at([100, 0]), at([100, 11]))).to.equal('slight')
    expect(changeOf(at([100]), at([100, 0]))).to.equal('slight')
    expect(changeOf(at([1]), at([1], { error: 0.5 }))).to.equal('slight')
  })
})
