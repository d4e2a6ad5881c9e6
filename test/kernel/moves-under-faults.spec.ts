import { expect } from 'chai'
import { drawStory, FAULTS, tellMove } from './moving.ts'

/** Each moment of a move by `soak-moves.ts`; here every so many, another one for each kind of fault. */
const STRIDE = 9

describe('a move in which something fails', () => {
  for (const objects of [1, 2] as const) {
    for (const [first, what] of FAULTS.entries()) {
      it(`leaves one copy of ${objects === 1 ? 'its object' : 'each of two'} when the ${what}`, async () => {
        const { momentsMs } = await tellMove({ seed: 'every', objects, faults: [] })
        const moments = [...new Set(momentsMs)].filter((_at, index) => index % STRIDE === first % STRIDE)
        for (const atMs of moments) {
          const { broken } = await tellMove({ seed: 'every', objects, faults: [{ what, atMs, forMs: 3000 }] })
          expect(broken, `struck after ${atMs} ms`).to.deep.equal([])
        }
      })
    }
  }

  it('does not begin anew what its source has handed over, when both have failed', async () => {
    const faults = [
      { what: 'target loses power', atMs: 453, forMs: 2675 }, { what: 'source crashes', atMs: 8.139, forMs: 15_120 }
    ] as const
    expect((await tellMove({ seed: 'move-109383', objects: 1, letters: true, faults })).broken).to.deep.equal([])
  })

  it('loses no letter that was taken, nor doubles one, whatever fails', async () => {
    for (let nth = 1; nth <= 12; nth++) {
      const { broken } = await tellMove(drawStory(`letters-${nth}`))
      expect(broken, `letters-${nth}`).to.deep.equal([])
    }
  })
})
