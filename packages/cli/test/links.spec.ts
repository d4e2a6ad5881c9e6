import { checkLinkTable } from '@welkin/links'
import { expect } from 'chai'
import { formatLinks, formatRule } from '../src/print/links.ts'

const STEADY = { jitterMs: 0, lossRatio: 0, bytesPerSecond: 1e6 }

describe('the links of a local cloud', () => {
  const links = [
    { from: 'n1', to: 'n2', ...STEADY, latencyMs: 24.66 },
    { from: 'n2', to: 'n1', ...STEADY, latencyMs: 0.1, cut: true }
  ]

  it('are shown as a square of delays', () => {
    expect(formatLinks(checkLinkTable({ profile: 'wan' }), links)).to.equal([
      'wan, ms    n1     n2',
      'n1          -   24.7',
      'n2        cut      -',
      ''
    ].join('\n'))
  })

  it('are followed by what was changed', () => {
    const table = checkLinkTable({ rules: [{ from: 'n2', to: 'n1', cut: true }] })
    expect(formatLinks(table, links)).to.match(/-\n\nFROM +TO +CHANGED\nn2 +n1 +cut\n$/)
  })

  it('are changed in words', () => {
    const rule = { from: 'n1', to: 'n2', latencyMs: 50, jitterMs: 2.5, lossRatio: 0.01, bytesPerSecond: 1024 ** 2 }
    expect(formatRule({ ...rule, cut: false }))
      .to.equal('delay 50 ms, jitter 2.5 ms, loss 1 %, bandwidth 1.0 MiB/s, open')
  })
})
