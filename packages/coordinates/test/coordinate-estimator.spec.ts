import { expect } from 'chai'
import { CoordinateEstimator, distanceMs, ORIGIN } from '../src/index.ts'
import { chance, crowdOf, planeOf } from './kit.ts'

describe('an estimator', () => {
  it('begins at the origin, and knows nothing', () => {
    expect(new CoordinateEstimator(chance(1)).coordinate).to.deep.equal(ORIGIN)
  })

  it('places nodes that start together to within a tenth after fifty samples each', () => {
    const random = chance(1)
    const crowd = crowdOf(60, planeOf(60, random), random)
    for (let round = 0; round < 50; round++) crowd.round()
    expect(crowd.medianError()).to.be.below(0.1)
    for (let round = 0; round < 150; round++) crowd.round()
    expect(crowd.medianError()).to.be.below(0.03)
    for (const { coordinate: { error } } of crowd.estimators) expect(error).to.be.below(0.15)
  })

  it('places a newcomer among others by a dozen samples', () => {
    const random = chance(2)
    const rttMs = planeOf(41, random)
    const crowd = crowdOf(40, rttMs, random)
    for (let round = 0; round < 200; round++) crowd.round()
    const newcomer = new CoordinateEstimator(random)
    for (let peer = 0; peer < 12; peer++) {
      newcomer.observe(`${peer}`, (crowd.estimators[peer] as CoordinateEstimator).coordinate, rttMs(40, peer))
    }
    const errors = crowd.estimators.map(({ coordinate }, peer) =>
      Math.abs(distanceMs(newcomer.coordinate, coordinate) - rttMs(40, peer)) / rttMs(40, peer))
    expect(errors.toSorted((a, b) => a - b)[20]).to.be.below(0.15)
  })

  it('tells a few nodes of each of some sites from those of other sites, whatever the chance', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = chance(seed)
      const crowd = crowdOf(9, (a, b) => a % 3 === b % 3 ? 0.5 : 32, random)
      for (let round = 0; round < 100; round++) crowd.round()
      const places = crowd.estimators.map(({ coordinate }) => coordinate)
      for (const [a, place] of places.entries()) {
        for (const [b, other] of places.entries()) {
          if (a !== b) expect(distanceMs(place, other), `seed ${seed}`).to.be.closeTo(a % 3 === b % 3 ? 0.5 : 32, 4)
        }
      }
    }
  })

  it('gives the same places for the same chance, and for the same samples', () => {
    const run = () => {
      const random = chance(3)
      const crowd = crowdOf(20, planeOf(20, random), random)
      for (let round = 0; round < 30; round++) crowd.round()
      return crowd.estimators.map(({ coordinate }) => coordinate)
    }
    expect(run()).to.deep.equal(run())
  })

  it('refuses what is no round trip and no coordinate, and stays where it is', () => {
    const estimator = new CoordinateEstimator(chance(4))
    expect(estimator.observe('a', ORIGIN, 10)).to.equal('taken')
    const before = estimator.coordinate
    for (const rttMs of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 60_001]) {
      expect(estimator.observe('b', ORIGIN, rttMs)).to.equal('refused')
    }
    expect(estimator.observe('b', { ...ORIGIN, heightMs: Number.NaN }, 10)).to.equal('refused')
    expect(estimator.coordinate).to.deep.equal(before)
  })

  it('is not taken over by a fifth of liars that claim to know best', () => {
    const random = chance(5)
    const crowd = crowdOf(50, planeOf(50, random), random)
    const liar = (node: number): boolean => node % 5 === 0
    const lies = (node: number, coordinate: typeof ORIGIN) => liar(node)
      ? { vector: ORIGIN.vector.map(() => (random.unit() - 0.5) * 500), heightMs: 0, error: 0 }
      : coordinate
    for (let round = 0; round < 200; round++) crowd.round(lies)
    const honest = crowd.estimators.map((_, node) => node).filter(node => !liar(node))
    expect(crowd.medianError(honest)).to.be.below(0.15)
  })

  it('gives a slow host a height of its own, and leaves the others in their places', () => {
    const random = chance(6)
    const plane = planeOf(40, random)
    const slow = (from: number, to: number): number => plane(from, to) + (from === 0 || to === 0 ? 50 : 0)
    const crowd = crowdOf(40, slow, random)
    for (let round = 0; round < 200; round++) crowd.round()
    const heights = crowd.estimators.map(({ coordinate }) => coordinate.heightMs)
    expect(heights[0]).to.be.above(35)
    expect(Math.max(...heights.slice(1))).to.be.below(20)
    expect(crowd.medianError(heights.map((_, node) => node).slice(1))).to.be.below(0.05)
  })

  it('follows a way that changes, and forgets a spike', () => {
    const estimator = new CoordinateEstimator(chance(7))
    const peer = { ...ORIGIN, error: 0.05 }
    for (let i = 0; i < 20; i++) estimator.observe('a', peer, 20)
    expect(distanceMs(estimator.coordinate, peer)).to.be.closeTo(20, 2)
    estimator.observe('a', peer, 400)
    expect(distanceMs(estimator.coordinate, peer)).to.be.closeTo(20, 2)
    for (let i = 0; i < 40; i++) estimator.observe('a', peer, 60)
    expect(distanceMs(estimator.coordinate, peer)).to.be.closeTo(60, 5)
  })

  it('keeps the space about the origin, though nobody stands there', () => {
    const random = chance(8)
    const crowd = crowdOf(30, planeOf(30, random), random)
    for (let round = 0; round < 300; round++) crowd.round()
    const { vector } = ORIGIN
    const centre = vector.map((_, k) =>
      crowd.estimators.reduce((sum, { coordinate }) => sum + (coordinate.vector[k] as number) / 30, 0))
    expect(Math.hypot(...centre)).to.be.below(40)
  })

  it('no longer counts a peer that it has forgotten', () => {
    const [one, other] = [new CoordinateEstimator(chance(9)), new CoordinateEstimator(chance(9))]
    const near = { ...ORIGIN, error: 0.1 }
    one.observe('gone', { ...near, vector: [900, 0, 0, 0, 0, 0] }, 1)
    one.forget('gone')
    one.forget('never seen')
    for (let i = 0; i < 60; i++) for (const estimator of [one, other]) estimator.observe('a', near, 30)
    expect(distanceMs(one.coordinate, near)).to.be.closeTo(distanceMs(other.coordinate, near), 2)
  })
})
