import { expect } from 'chai'
import { InvalidArgumentError } from 'commander'
import { cpuCount, environment, memorySize, milliseconds, seconds, share, wholeNumber } from '../src/commands/values.ts'

describe('values of options', () => {
  it('are whole numbers within their bounds', () => {
    const nodes = wholeNumber(1, 100)
    expect(nodes('5')).to.equal(5)
    for (const text of ['0', '101', '1.5', '-1', 'five', '']) expect(() => nodes(text)).to.throw(InvalidArgumentError)
  })

  it('are CPUs, also parts of one', () => {
    expect([cpuCount('2'), cpuCount('.5'), cpuCount('0.25')]).to.deep.equal([2, 0.5, 0.25])
    for (const text of ['0', '', '-1', '1e3', 'all']) expect(() => cpuCount(text)).to.throw(InvalidArgumentError)
  })

  it('are sizes of memory from one mebibyte on', () => {
    expect(memorySize('64M')).to.equal(67_108_864)
    for (const text of ['1K', 'lots']) expect(() => memorySize(text)).to.throw(InvalidArgumentError)
  })

  it('are times with their unit', () => {
    expect([milliseconds('50ms'), milliseconds('0.5ms'), milliseconds('1.5s')]).to.deep.equal([50, 0.5, 1500])
    for (const text of ['5', 'ms', '-1ms', '5m', '']) expect(() => milliseconds(text)).to.throw(InvalidArgumentError)
  })

  it('are shares of a whole', () => {
    expect([share('1%'), share('0.25'), share('.5%'), share('0')]).to.deep.equal([0.01, 0.25, 0.005, 0])
    for (const text of ['101%', '2', '-1%', '%', '']) expect(() => share(text)).to.throw(InvalidArgumentError)
  })

  it('are seconds', () => {
    expect(seconds('0.5')).to.equal(0.5)
    expect(() => seconds('soon')).to.throw(InvalidArgumentError)
  })

  it('are variables with a value, also an empty one or one with "="', () => {
    const collected = ['A=1', 'B=', 'C=x=y'].reduce((env, text) => environment(text, env), {})
    expect(collected).to.deep.equal({ A: '1', B: '', C: 'x=y' })
  })

  it('are variables by name alone, for what our own environment has', () => {
    expect(environment('PATH')).to.deep.equal({ PATH: process.env['PATH'] })
    for (const text of ['=1', 'WELKIN_HAS_NO_SUCH_VARIABLE']) {
      expect(() => environment(text)).to.throw(InvalidArgumentError)
    }
  })
})
