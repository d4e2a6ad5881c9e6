import { expect } from 'chai'
import type { Channel } from '@welkin/interface'
import { MendingLink, type EndingLink } from '../../src/dispatch/mending-link.ts'

class TestLink implements EndingLink {
  ended = false
  requests = 0

  async request (payload: Uint8Array): Promise<Uint8Array> {
    this.requests++
    return payload
  }

  open (): Channel {
    throw new Error('not opened here')
  }
}

describe('a link that mends itself', () => {
  it('goes over one link as long as that lives, then over a new one', async () => {
    const opened: TestLink[] = []
    const link = new MendingLink(() => {
      opened.push(new TestLink())
      return opened.at(-1) as TestLink
    })
    expect(opened).to.have.lengthOf(0)
    await link.request(new Uint8Array())
    await link.request(new Uint8Array())
    expect(opened.map(({ requests }) => requests)).to.deep.equal([2])
    Object.assign(opened[0] as TestLink, { ended: true })
    await link.request(new Uint8Array())
    expect(opened.map(({ requests }) => requests)).to.deep.equal([2, 1])
  })
})
