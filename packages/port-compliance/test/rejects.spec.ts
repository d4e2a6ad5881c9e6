import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { rejects } from '../src/index.ts'

describe('rejects', () => {
  const failure = async (promise: Promise<unknown>): Promise<Error> =>
    await promise.then(() => expect.fail('it passed'), (error: Error) => error)

  it('gives the error whose code was expected', async () => {
    const error = new CloudError('ENOENT', 'There is nothing.')
    expect(await rejects(Promise.reject(error), 'EIO', 'ENOENT')).to.equal(error)
  })

  it('fails for a value, for another error and for another code', async () => {
    expect((await failure(rejects(Promise.resolve(1), 'EIO'))).message).to.contain('a value')
    expect((await failure(rejects(Promise.reject(new TypeError('a bug')), 'EIO'))).message).to.contain('a bug')
    const other = Promise.reject(new CloudError('EIO', 'Broken.'))
    expect((await failure(rejects(other, 'ENOENT'))).message).to.contain('Broken')
  })
})
