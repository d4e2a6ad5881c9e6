import { expect } from 'chai'
import { InvalidArgumentError } from 'commander'
import { UsageError } from '../src/commands/usage-error.ts'
import {
  bytesUpTo, cpuCount, environment, list, memorySize, milliseconds, query, reach, seconds, share, weights, wholeNumber,
  zone
} from '../src/commands/values.ts'
import type { Reach } from '../src/node/wishes.ts'

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

  it('are bytes up to a bound', () => {
    const most = bytesUpTo(16 << 20)
    expect([most('0'), most('16M')]).to.deep.equal([0, 16 << 20])
    for (const text of ['17M', 'lots']) expect(() => most(text)).to.throw(InvalidArgumentError)
  })

  it('are zones', () => {
    expect(zone('acme/lyon/r7')).to.equal('acme/lyon/r7')
    for (const text of ['', 'A', 'a/b/c/d', 'a//b']) expect(() => zone(text)).to.throw(InvalidArgumentError)
  })

  it('are several, joined by commas', () => {
    expect(list('n1, n2')).to.deep.equal(['n1', 'n2'])
    for (const text of ['', 'n1,', ',n1']) expect(() => list(text)).to.throw(InvalidArgumentError)
  })

  it('are reaches: a time and a place, which may have a colon of its own', () => {
    const reaches = ['20ms:n3', '1.5s:local/site2', '5:a:b'].reduce<Reach[]>((all, text) => reach(text, all), [])
    expect(reaches.map(({ ms, target }) => [ms, target])).to.deep.equal([[20, 'n3'], [1500, 'local/site2'], [5, 'a:b']])
    for (const text of ['', 'n3', '20ms', '20ms:', ':n3', '-1ms:n3', '20parsecs:n3']) {
      expect(() => reach(text)).to.throw(InvalidArgumentError)
    }
  })

  it('are weights, each at most once', () => {
    expect(weights('latency=2,load=.5')).to.deep.equal({ latency: 2, load: 0.5 })
    for (const text of ['', 'latency', 'speed=2', 'load=-1', 'load=1,load=2', 'bytes=1', 'toString=1']) {
      expect(() => weights(text)).to.throw(InvalidArgumentError)
    }
  })

  it('are queries, of which the wrong character is shown', () => {
    expect(query('limit 3')).to.deep.equal({ limit: 3 })
    expect(() => query('cpu.free >= two')).to.throw(UsageError, '\n  cpu.free >= two\n              ^')
      .with.nested.property('record.fields.at', 12)
  })
})
