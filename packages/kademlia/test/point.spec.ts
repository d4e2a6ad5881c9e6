import { expect } from 'chai'
import fc from 'fast-check'
import { commonBits, compareDistance, isPoint, PointIndex, POINT_BYTES } from '../src/index.ts'
import { at, byBruteForce, distance, nodes } from './kit.ts'

const point = fc.uint8Array({ minLength: POINT_BYTES, maxLength: POINT_BYTES })

describe('the key space', () => {
  it('places a text by its SHA-256', () => {
    expect(Buffer.from(at('abc')).toString('hex')).to.match(/^ba7816bf8f01cfea/)
    expect(isPoint(at('abc'))).to.equal(true)
    expect(isPoint(at('abc').subarray(1))).to.equal(false)
    expect(isPoint('abc')).to.equal(false)
  })

  it('compares distances as the numbers that they are', () => {
    fc.assert(fc.property(point, point, point, (target, a, b) => {
      const [left, right] = [distance(a, target), distance(b, target)]
      expect(Math.sign(compareDistance(target, a, b))).to.equal(left < right ? -1 : left > right ? 1 : 0)
    }))
  })

  it('counts the bits that two points begin with alike', () => {
    fc.assert(fc.property(point, point, (a, b) => {
      const differing = distance(a, b).toString(2).length
      expect(commonBits(a, b)).to.equal(distance(a, b) === 0n ? 256 : 256 - differing)
    }))
    expect(commonBits(at('x'), at('x'))).to.equal(256)
  })
})

describe('an index of points', () => {
  it('finds the nearest as brute force does, whoever came and went', () => {
    const index = new PointIndex()
    const all = nodes(300)
    for (const node of all) index.set(node)
    for (const node of all.slice(0, 50)) expect(index.delete(node.id)).to.equal(true)
    for (const node of all.slice(0, 10)) index.set(node)
    const present = [...all.slice(50), ...all.slice(0, 10)]
    for (let i = 0; i < 30; i++) {
      for (const count of [1, 8, 300]) {
        expect(index.nearest(at(`key ${i}`), count).map(({ id }) => id))
          .to.deep.equal(byBruteForce(at(`key ${i}`), present, count))
      }
    }
    expect(index.size).to.equal(260)
  })

  it('is empty at first, and replaces whoever has the same id', () => {
    const index = new PointIndex<{ id: string, point: Uint8Array, port: number }>()
    expect(index.nearest(at('x'), 8)).to.deep.equal([])
    index.set({ id: 'a', point: at('a'), port: 1 })
    index.set({ id: 'a', point: at('a'), port: 2 })
    expect(index.values()).to.have.lengthOf(1)
    expect(index.get('a')?.port).to.equal(2)
    expect(index.delete('b')).to.equal(false)
  })
})
