import { expect } from 'chai'
import { Daemons } from '../end-to-end/daemons.ts'
import { DNS } from './dns.ts'
import { FRAMES } from './frames.ts'
import { fuzz } from './fuzz.ts'
import { httpTarget } from './http.ts'
import { TARGETS } from './targets.ts'

describe('what nobody has signed or sent', function () {
  this.timeout(60_000)

  for (const target of [...TARGETS, FRAMES, DNS]) {
    it(`is refused by codes that are expected, and never accepted: ${target.name}`, async () => {
      const { refused } = await fuzz(target, 2000, 7)
      expect(refused).to.be.above(0)
    })
  }

  it('is refused by the HTTP gateway of a guarded node, which goes on answering', async () => {
    const daemons = new Daemons()
    try {
      const { info } = await daemons.start({ http: 0 })
      await fuzz(httpTarget(info.http as string), 300, 7)
    } finally {
      await daemons.end()
    }
  })
})
