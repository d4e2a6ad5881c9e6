import { expect } from 'chai'
import fc from 'fast-check'
import type { Clause, NodeQuery } from '@welkin/abi'
import { checkQuery, HERE, parseQuery, targetsOf } from '../src/index.ts'
import { anyQuery } from './kit.ts'

describe('checkQuery', () => {
  it('takes whatever can be said', () => {
    fc.assert(fc.property(anyQuery, query => { checkQuery(query) }))
  })

  const refused: ReadonlyArray<readonly [clause: Clause, message: string]> = [
    [
      { kind: 'compare', attribute: 'cpu.fre', operator: '>', value: 2 },
      'The clause cpu.fre > 2 cannot be used. There is no attribute cpu.fre. Did you mean cpu.free?'
    ],
    [
      { kind: 'compare', attribute: 'cpu.free', operator: '>', value: 'two' },
      'The clause cpu.free > two cannot be used. cpu.free is compared with a number such as 2 or 0.5.'
    ],
    [
      { kind: 'compare', attribute: 'arch', operator: '=', value: 64 },
      'The clause arch = 64 cannot be used. arch is compared with a word.'
    ],
    [
      { kind: 'in', attribute: 'cpu.count', values: [4, 'eight'] },
      'The clause cpu.count in (4, eight) cannot be used. cpu.count is compared with a number such as 2 or 0.5.'
    ],
    [
      { kind: 'has', attribute: 'arch', word: 'x64' },
      'The clause arch has x64 cannot be used. arch is a word, and takes = != ~ in, not has.'
    ],
    [
      { kind: 'in', attribute: 'zone', values: ['acme'] },
      'The clause zone in (acme) cannot be used. Zones are asked for by the kind "zone".'
    ]
  ]
  for (const [clause, message] of refused) {
    it(`refuses ${JSON.stringify(clause)}`, () => {
      const query: NodeQuery = { where: { kind: 'not', of: clause } }
      expect(() => checkQuery(query)).to.throw(message).with.property('code', 'EINVAL')
    })
  }

  it('does not take what every object has for an attribute', () => {
    expect(() => checkQuery({ order: { by: 'attribute', attribute: 'constructor', descending: false } }))
      .to.throw('There is no attribute constructor.')
  })
})

describe('targetsOf', () => {
  for (const [text, targets] of [
    ['', [HERE]],
    ['rtt(a) < 1ms and (rtt(b) < 2ms or not rtt(a) < 3ms)', ['a', 'b', HERE]],
    ['rtt(a) < 1ms order by rtt(b)', ['a', 'b']],
    ['order by cost near (b, c)', ['b', 'c']],
    ['order by cost', [HERE]]
  ] as const) {
    it(`gives ${targets.join(', ')} for: ${text === '' ? 'nothing' : text}`, () => {
      expect(targetsOf(parseQuery(text))).to.deep.equal(targets)
    })
  }
})
