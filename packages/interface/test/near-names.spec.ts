import { expect } from 'chai'
import { didYouMean, nearNames } from '../src/index.ts'

describe('near names', () => {
  it('are those that are nearly the same, the nearest first', () => {
    expect(nearNames('defualt', ['start', 'default', 'defuult', 'x'])).to.deep.equal(['defuult', 'default'])
    expect(didYouMean('gret', ['greet', 'crunch'])).to.equal(' Did you mean greet?')
  })

  it('are none where nothing is near', () => {
    expect(didYouMean('gret', ['crunch', 'wordcount'])).to.equal('')
  })
})
