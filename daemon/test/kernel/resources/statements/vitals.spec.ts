import { expect } from 'chai'
import * as fc from 'fast-check'
import { decode, encode } from '@welkin/abi'
import {
  packVitals, rounded, unpackVitals, type Vitals
} from '../../../../src/kernel/resources/statements/vitals.ts'
import { vitalsOf } from './kit.ts'

const MEBIBYTE = 2 ** 20
const ratio = fc.double({ min: 0, max: 1, noNaN: true })
const bytes = fc.integer({ min: 0, max: 2 ** 50 })
const rate = fc.double({ min: 0, max: 1e11, noNaN: true })
const ms = fc.double({ min: -5000, max: 5000, noNaN: true })
const count = fc.nat(100_000)

const load = fc.record({
  objects: count, objectsMax: count,
  cpuPromised: fc.double({ min: 0, max: 4096, noNaN: true }), memoryPromisedBytes: bytes, memoryFreeBytes: bytes,
  cpuBusyRatio: ratio, diskFreeBytes: bytes, load1m: fc.double({ min: 0, max: 1000, noNaN: true }),
  pressure: fc.record({ cpu: ratio, memory: ratio, io: ratio }, { requiredKeys: [] }),
  network: fc.record({ receivedBytesPerSecond: rate, sentBytesPerSecond: rate }),
  disk: fc.record({ readBytesPerSecond: rate, writtenBytesPerSecond: rate })
}, { requiredKeys: ['objects', 'objectsMax', 'cpuPromised', 'memoryPromisedBytes', 'memoryFreeBytes'] })

const vitals: fc.Arbitrary<Vitals> = fc.record({
  load,
  coordinate: fc.record({
    vector: fc.array(ms, { minLength: 1, maxLength: 8 }), heightMs: fc.double({ min: 0, max: 500, noNaN: true }),
    error: ratio
  }),
  price: fc.double({ min: 0, max: 1000, noNaN: true }),
  leaving: fc.boolean()
}, { requiredKeys: ['load', 'leaving'] })

const onWire = (value: unknown): unknown[] => decode(encode(value)) as unknown[]

describe('vitals', () => {
  it('come over the wire as they were, rounded', () => {
    fc.assert(fc.property(vitals, said => {
      const heard = unpackVitals(onWire(packVitals(said))) as Vitals
      expect(heard.leaving).to.equal(said.leaving)
      const close = (a: number | undefined, b: number | undefined, delta: number): void => {
        if (a === undefined || b === undefined) expect(a).to.equal(b)
        else expect(a).to.be.closeTo(b, delta + 1e-9 * Math.abs(b))
      }
      const [is, was] = [heard.load, said.load]
      expect([is.objects, is.objectsMax]).to.deep.equal([was.objects, was.objectsMax])
      close(is.cpuPromised, was.cpuPromised, 0.0100001)
      close(is.memoryPromisedBytes, was.memoryPromisedBytes, MEBIBYTE)
      close(is.memoryFreeBytes, was.memoryFreeBytes, MEBIBYTE)
      close(is.diskFreeBytes, was.diskFreeBytes, MEBIBYTE)
      close(is.cpuBusyRatio, was.cpuBusyRatio, 0.00501)
      close(is.load1m, was.load1m, 0.00501)
      for (const key of ['cpu', 'memory', 'io'] as const) close(is.pressure?.[key], was.pressure?.[key], 0.00501)
      close(is.network?.receivedBytesPerSecond, was.network?.receivedBytesPerSecond, 500)
      close(is.disk?.writtenBytesPerSecond, was.disk?.writtenBytesPerSecond, 500)
      close(heard.price, said.price, 0.0000501)
      close(heard.coordinate?.heightMs, said.coordinate?.heightMs, 0.0501)
      close(heard.coordinate?.error, said.coordinate?.error, 0.000501)
      for (const [i, value] of (said.coordinate?.vector ?? []).entries()) {
        close(heard.coordinate?.vector[i], value, 0.0501)
      }
    }))
  })

  it('promise no less and have no more free than was said', () => {
    fc.assert(fc.property(vitals, said => {
      const { load: is } = rounded(said)
      expect(is.memoryFreeBytes).to.be.at.most(said.load.memoryFreeBytes)
      expect(is.diskFreeBytes ?? 0).to.be.at.most(said.load.diskFreeBytes ?? 0)
      expect(is.memoryPromisedBytes).to.be.at.least(said.load.memoryPromisedBytes)
      expect(is.cpuPromised).to.be.at.least(said.load.cpuPromised - 1e-6)
    }))
  })

  it('are rounded once and for all', () => {
    fc.assert(fc.property(vitals, said => {
      expect(onWire(packVitals(rounded(said)))).to.deep.equal(onWire(packVitals(said)))
    }))
  })

  it('of a small node take few bytes, since what is unknown takes none', () => {
    expect(encode(packVitals(vitalsOf())).byteLength).to.be.at.most(12)
    expect(unpackVitals(packVitals(vitalsOf()))).to.deep.equal(vitalsOf())
  })

  it('that no honest node has are refused', () => {
    const good = packVitals({
      ...vitalsOf({ price: 1, coordinate: { vector: [1, 2], heightMs: 1, error: 0.5 } }),
      load: {
        ...vitalsOf().load, cpuBusyRatio: 0.5, diskFreeBytes: 2 ** 40, load1m: 1, pressure: { cpu: 0.1, io: 0.2 },
        network: { receivedBytesPerSecond: 1e6, sentBytesPerSecond: 1e6 },
        disk: { readBytesPerSecond: 1e6, writtenBytesPerSecond: 1e6 }
      }
    })
    expect(unpackVitals(good)).not.to.equal(undefined)
    const nonsense = [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY, 2 ** 41, 1e300, '1', {}, true, [[]]]
    for (let place = 0; place < good.length; place++) {
      for (const value of nonsense) {
        expect(unpackVitals(good.with(place, value)), `${place}: ${String(value)}`).to.equal(undefined)
      }
    }
    for (const missing of [1, 2, 3, 4, 5]) expect(unpackVitals(good.with(missing, null))).to.equal(undefined)
    expect(unpackVitals([])).to.equal(undefined)
    expect(unpackVitals(good.with(6, 101))).to.equal(undefined) // busier than busy
    const places = { coordinate: 7, pressure: 11, network: 12, disk: 13 }
    const many = Array.from({ length: 11 }, () => 0)
    for (const point of [[], [0, 0], [1001, 0, 0], [0, -1, 0], [0, 0, 600_001], [0, 0, Number.NaN], many]) {
      expect(unpackVitals(good.with(places.coordinate, point)), String(point)).to.equal(undefined)
    }
    expect(unpackVitals(good.with(places.pressure, [101, 0, 0]))).to.equal(undefined)
    expect(unpackVitals(good.with(places.network, [1, 2, 3]))).to.equal(undefined)
    expect(unpackVitals(good.with(places.disk, [-1, 2]))).to.equal(undefined)
  })

  it('are taken or refused, whatever is given, and never throw', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.anything(), fc.nat(100)), { maxLength: 16 }), given => {
      const heard = unpackVitals(given)
      if (heard !== undefined) expect(Object.values(heard.load)).not.to.include(Number.NaN)
    }))
  })
})
