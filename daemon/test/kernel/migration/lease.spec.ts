import { expect } from 'chai'
import { mayRun, mayYield, type Kept } from '../../../src/kernel/migration/lease.ts'

const kept: Kept = { holder: 'n1', epoch: 3, yielded: undefined, released: false }
const LAPSED = { silentMs: 1251, leaseMs: 1000 }

describe('the word of a keeper', () => {
  it('is given to who has the object, and to who has it from him', () => {
    expect(mayRun(kept, { node: 'n1', epoch: 3 }, [])).to.equal('run')
    expect(mayRun(kept, { node: 'n2', epoch: 4 }, [{ node: 'n1', epoch: 3 }])).to.equal('run')
    expect(mayRun(undefined, { node: 'n2', epoch: 9 }, [])).to.equal('run')
  })

  it('is given to nobody else: who is behind never may again, who is ahead by an unknown way may not now', () => {
    expect(mayRun(kept, { node: 'n1', epoch: 2 }, [])).to.equal('end')
    expect(mayRun(kept, { node: 'n2', epoch: 3 }, [{ node: 'n0', epoch: 2 }])).to.equal('end')
    expect(mayRun(kept, { node: 'n2', epoch: 5 }, [{ node: 'n4', epoch: 4 }])).to.equal('wait')
  })

  it('for a take-over is given when nobody was let run it for longer than a lease', () => {
    expect(mayYield(kept, { node: 'k2', epoch: 4 }, { silentMs: 1250, leaseMs: 1000 })).to.equal(false)
    expect(mayYield(kept, { node: 'k2', epoch: 4 }, LAPSED)).to.equal(true)
    expect(mayYield(kept, { node: 'k2', epoch: 3 }, LAPSED)).to.equal(false)
    expect(mayYield(undefined, { node: 'k2', epoch: 4 }, LAPSED)).to.equal(false)
  })

  it('once given is kept: to nobody else, and nobody runs it but whom it was given', () => {
    const yielded = { ...kept, yielded: 'k2' }
    expect(mayYield(yielded, { node: 'k2', epoch: 4 }, LAPSED)).to.equal(true)
    expect(mayYield(yielded, { node: 'k3', epoch: 4 }, LAPSED)).to.equal(false)
    expect(mayRun(yielded, { node: 'n1', epoch: 3 }, [])).to.equal('wait')
    expect(mayRun(yielded, { node: 'n2', epoch: 4 }, [{ node: 'n1', epoch: 3 }])).to.equal('wait')
    expect(mayRun(yielded, { node: 'k2', epoch: 4 }, [{ node: 'n1', epoch: 3 }])).to.equal('run')
  })

  it('for a take-over is never given by who had the object, and let it go', () => {
    expect(mayYield({ ...kept, released: true }, { node: 'k2', epoch: 4 }, LAPSED)).to.equal(false)
  })
})
