import { expect } from 'chai'
import * as fc from 'fast-check'
import type { Coordinate, NodeView } from '@welkin/interface'
import { centreOf } from '../../../../src/kernel/resources/cloud/centre.ts'

const ms = fc.double({ min: -1000, max: 1000, noNaN: true })
const coordinate: fc.Arbitrary<Coordinate> = fc.record({
  vector: fc.tuple(ms, ms), heightMs: fc.double({ min: 0, max: 100, noNaN: true }),
  error: fc.double({ min: 0, max: 0.99, noNaN: true })
})

const nodesAt = (...places: Array<Coordinate | undefined>): NodeView[] =>
  places.map(place => ({ coordinate: place }) as NodeView)

describe('the centre of a site', () => {
  it('is the mean of where its nodes are, and reaches to the farthest', () => {
    const centre = centreOf(nodesAt(
      { vector: [0, 0], heightMs: 1, error: 0.2 }, { vector: [6, 8], heightMs: 2, error: 0.4 }
    ))
    expect(centre?.coordinate.vector).to.deep.equal([3, 4])
    expect(centre?.coordinate).to.include({ heightMs: 0 })
    expect(centre?.coordinate.error).to.be.closeTo(0.3, 1e-9)
    expect(centre?.radiusMs).to.be.closeTo(7, 1e-9)
  })

  it('is unknown while one of them does not know where it is, and where there are none', () => {
    expect(centreOf([])).to.equal(undefined)
    expect(centreOf(nodesAt({ vector: [0], heightMs: 1, error: 0.2 }, undefined))).to.equal(undefined)
    const lost = { vector: [0], heightMs: 1, error: 1 }
    expect(centreOf(nodesAt({ vector: [0], heightMs: 1, error: 0.2 }, lost))).to.equal(undefined)
  })

  it('is no farther from anything than any of its nodes, but for the radius', () => {
    fc.assert(fc.property(fc.array(coordinate, { minLength: 1, maxLength: 6 }), coordinate, (places, from) => {
      const { coordinate: at, radiusMs } = centreOf(nodesAt(...places)) as NonNullable<ReturnType<typeof centreOf>>
      const distanceMs = (to: Coordinate): number =>
        Math.hypot(...to.vector.map((value, i) => value - (from.vector[i] as number))) + to.heightMs + from.heightMs
      for (const place of places) expect(distanceMs(place)).to.be.at.least(distanceMs(at) - radiusMs - 1e-6)
    }))
  })
})
