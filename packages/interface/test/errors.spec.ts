import { expect } from 'chai'
import { CloudError, reviveError, toErrorRecord } from '../src/index.ts'

describe('CloudError', () => {
  it('crosses a wire with its code, message and fields', () => {
    const sent = new CloudError('EAGAIN', 'Full; try another node.', {
      fields: { limit: 3 }, cause: new Error('secret')
    })
    const received = reviveError(JSON.parse(JSON.stringify(sent)))
    expect(received).to.be.instanceOf(CloudError)
    expect(received).to.include({ code: 'EAGAIN', message: 'Full; try another node.' })
    expect(received.cause).to.equal(undefined)
    expect(received.fields).to.deep.equal({ limit: 3 })
  })

  it('tells the other end of a bug only that there was one', () => {
    expect(toErrorRecord(new TypeError('secret path'))).to.have.property('code', 'EFAULT')
    expect(JSON.stringify(toErrorRecord(new TypeError('secret path')))).not.to.include('secret')
  })

  for (const nonsense of [
    undefined, null, 7, 'EAGAIN', {},
    { code: 'EWHAT', message: 'x' }, { code: 'toString', message: 'x' }, { code: 'EIO', message: 7 }
  ]) {
    it(`reads ${JSON.stringify(nonsense)} as EPROTO`, () => {
      expect(reviveError(nonsense).code).to.equal('EPROTO')
    })
  }
})
