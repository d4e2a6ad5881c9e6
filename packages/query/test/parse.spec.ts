import { expect } from 'chai'
import fc from 'fast-check'
import { nodeQuery, QUERY_LIMITS, type Condition, type NodeQuery } from '@welkin/abi'
import { isCloudError, type CloudError } from '@welkin/interface'
import { formatQuery, parseQuery } from '../src/index.ts'
import { anyQuery, GIB } from './kit.ts'

const compare = (attribute: string, operator: string, value: number | string): Condition =>
  ({ kind: 'compare', attribute, operator, value }) as Condition

function errorOf (text: string): CloudError {
  try {
    parseQuery(text)
  } catch (error) {
    if (isCloudError(error, 'EINVAL')) return error
    throw error
  }
  throw new Error(`"${text}" was read`)
}

const CONDITIONS: ReadonlyArray<readonly [text: string, where: Condition]> = [
  ['cpu.free >= 2', compare('cpu.free', '>=', 2)],
  ['cpu.free>=2', compare('cpu.free', '>=', 2)],
  ['memory.free >= 4GiB', compare('memory.free', '>=', 4 * GIB)],
  ['memory.free >= 4 gb', compare('memory.free', '>=', 4 * GIB)],
  ['memory.free >= 1.5G', compare('memory.free', '>=', 1.5 * GIB)],
  ['memory.free != 4096', compare('memory.free', '!=', 4096)],
  ['network.in < 64 MiB/s', compare('network.in', '<', 2 ** 26)],
  ['network.in < 64M', compare('network.in', '<', 2 ** 26)],
  ['cpu.busy < 50%', compare('cpu.busy', '<', 0.5)],
  ['cpu.busy < 7 %', compare('cpu.busy', '<', 0.07)],
  ['cpu.busy < .5', compare('cpu.busy', '<', 0.5)],
  ['age < 1.5s', compare('age', '<', 1500)],
  ['age < 2min', compare('age', '<', 120_000)],
  ['arch = x64', compare('arch', '=', 'x64')],
  ['arch = "x64"', compare('arch', '=', 'x64')],
  ['arch = \'x"64\'', compare('arch', '=', 'x"64')],
  ['name = "a \\"b\\" \\u00e9"', compare('name', '=', 'a "b" é')],
  ['name ~ n*', compare('name', '~', 'n*')],
  ['version = 0.1.0', compare('version', '=', '0.1.0')],
  ['id = 12', compare('id', '=', '12')],
  ['name = "and"', compare('name', '=', 'and')],
  ['arch in (x64, "arm64")', { kind: 'in', attribute: 'arch', values: ['x64', 'arm64'] }],
  ['cpu.count in (4, 8)', { kind: 'in', attribute: 'cpu.count', values: [4, 8] }],
  ['drivers has native', { kind: 'has', attribute: 'drivers', word: 'native' }],
  ['zone in acme/lyon', { kind: 'zone', zones: ['acme/lyon'] }],
  ['zone in (acme/lyon, acme/paris)', { kind: 'zone', zones: ['acme/lyon', 'acme/paris'] }],
  ['zone = acme/lyon', compare('zone', '=', 'acme/lyon')],
  ['rtt(node3) < 20ms', { kind: 'rtt', target: 'node3', operator: '<', ms: 20 }],
  ['rtt(acme/lyon) <= 500us', { kind: 'rtt', target: 'acme/lyon', operator: '<=', ms: 0.5 }],
  ['rtt("my node") > 1', { kind: 'rtt', target: 'my node', operator: '>', ms: 1 }],
  ['not os = linux', { kind: 'not', of: compare('os', '=', 'linux') }],
  ['NOT NOT os = linux', { kind: 'not', of: { kind: 'not', of: compare('os', '=', 'linux') } }],
  ['((os = linux))', compare('os', '=', 'linux')],
  ['os = a and os = b and os = c', {
    kind: 'all', of: [compare('os', '=', 'a'), compare('os', '=', 'b'), compare('os', '=', 'c')]
  }],
  ['os = a or os = b and not os = c', {
    kind: 'any',
    of: [
      compare('os', '=', 'a'),
      { kind: 'all', of: [compare('os', '=', 'b'), { kind: 'not', of: compare('os', '=', 'c') }] }
    ]
  }],
  ['(os = a Or os = b) AND os = c', {
    kind: 'all', of: [{ kind: 'any', of: [compare('os', '=', 'a'), compare('os', '=', 'b')] }, compare('os', '=', 'c')]
  }]
]

const QUERIES: ReadonlyArray<readonly [text: string, query: NodeQuery]> = [
  ['', {}],
  [' \n\t', {}],
  ['limit 1', { limit: 1 }],
  ['limit 10000', { limit: 10_000 }],
  ['spread RACK order by cost', { spread: 'rack', order: { by: 'cost' } }],
  ['order by cost(latency=2, bytes=2GiB, load=0.5) near here', {
    order: { by: 'cost', weights: { latency: 2, load: 0.5 }, bytes: 2 * GIB, near: ['here'] }
  }],
  ['order by cost near (node3, acme/lyon)', { order: { by: 'cost', near: ['node3', 'acme/lyon'] } }],
  ['order by rtt(acme/lyon) desc', { order: { by: 'rtt', target: 'acme/lyon', descending: true } }],
  ['os = a order by memory.free asc limit 3', {
    where: compare('os', '=', 'a'), order: { by: 'attribute', attribute: 'memory.free', descending: false }, limit: 3
  }]
]

const FAULTS: ReadonlyArray<readonly [text: string, at: number, problem: RegExp]> = [
  ['cpu.fre >= 2', 0, /There is no attribute cpu\.fre\. Did you mean cpu\.free\?/],
  ['os = a and cpus > 2', 11, /There is no attribute cpus\.$/m],
  ['free > 2', 0, /Did you mean cpu\.free or memory\.free or disk\.free or objects\.free\?/],
  ['CPU.FREE > 2', 0, /Did you mean cpu\.free\?/],
  ['cpu.free', 8, /Where the query ends, it expects a comparison/],
  ['cpu.free >= \n', 11, /Where the query ends, it expects a number such as 2/],
  ['cpu.free ~ 2', 9, /cpu\.free is a number, and takes = != < <= > >= in, not ~\./],
  ['arch < x64', 5, /arch is a word, and takes = != ~ in, not <\./],
  ['drivers = native', 8, /drivers is a set of words, and takes has, not =\./],
  ['arch has x64', 5, /arch is a word/],
  ['cpu.free >= 2GiB', 12, /Where there is 2GiB, it expects a number such as 2 or 0\.5\./],
  ['cpu.free >= "2"', 12, /Where there is "2", it expects a number/],
  ['memory.free > 1e999', 14, /it expects a size such as/],
  ['rtt(node3) < 20kg', 13, /it expects a time such as 20ms/],
  ['rtt(node3) < -1ms', 13, /It must be at least 0ms\./],
  ['rtt(node3) = 20ms', 11, /it expects < <= > >=\./],
  ['rtt() < 20ms', 4, /it expects a node, an object or a zone/],
  ['rtt("") < 20ms', 4, /it expects a node, an object or a zone/],
  ['rtt < 20ms', 0, /There is no attribute rtt/],
  ['zone in Acme', 8, /it expects a zone such as acme\/lyon/],
  ['arch in ()', 9, /Where there is \), it expects a word/],
  ['arch in x64', 8, /it expects \(/],
  ['arch in (x64 arm64)', 13, /it expects , \)/],
  ['(os = a', 7, /it expects and, or or \)/],
  ['os = a)', 6, /it expects and, or, order by, limit, spread or the end/],
  ['os = a os = b', 7, /it expects and, or, order by/],
  ['and os = a', 0, /it expects a condition, such as cpu\.free >= 2/],
  ['os = and', 5, /it expects a word; a value that is called so has quotes/],
  ['name = "n1', 7, /The " is never closed\./],
  ['name = \'n1', 7, /The ' is never closed\./],
  ['name = "\\x"', 7, /written as in JSON/],
  ['os = a & os = b', 7, /No part of a query begins with &/],
  ['os = 😀', 5, /No part of a query begins with 😀/],
  ['order by drivers', 9, /drivers is a set of words, which has no order/],
  ['order cost', 6, /it expects by/],
  ['order by cost(speed=1)', 14, /it expects latency, load, price, transfer, start, bytes/],
  ['order by cost(load=1, load=2)', 22, /There is a second load\./],
  ['order by cost(load=-1)', 19, /It must be at least 0\./],
  ['order by cost(load=2e6)', 19, /It must be at most 1000000\./],
  ['limit 0', 6, /It must be at least 1\./],
  ['limit 2.5', 6, /A limit is a whole number/],
  ['limit 20000', 6, /It must be at most 10000\./],
  ['limit 1 limit 2', 8, /There is a second limit\./],
  ['spread planet', 7, /it expects node, rack, site/],
  [`name = "${'x'.repeat(257)}"`, 7, /A word has at most 256 characters/],
  [`order by cost near (${'n, '.repeat(8)}n)`, 19, /at most 8 places/],
  [`${'('.repeat(17)}os = a`, 16, /nested at most 16 deep/],
  [`${'not '.repeat(100_000)}os = a`, 64, /nested at most 16 deep/],
  [`${'(os = a and not '.repeat(8)}os = b${')'.repeat(8)}`, 1, /nested at most 16 deep/],
  [Array.from({ length: 300 }, () => 'os = a').join(' and '), 256 * 11, /at most 256 conditions and values/],
  [`arch in (${'x, '.repeat(300)}x)`, 9 + 255 * 3, /at most 256 conditions and values/]
]

describe('the text of a query', () => {
  for (const [text, where] of CONDITIONS) {
    it(`is read: ${text}`, () => {
      expect(parseQuery(text)).to.deep.equal({ where })
    })
  }

  for (const [text, query] of QUERIES) {
    it(`is read: ${JSON.stringify(text)}`, () => {
      expect(parseQuery(text)).to.deep.equal(query)
    })
  }

  for (const [text, at, problem] of FAULTS) {
    it(`is refused with the place of the fault: ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`, () => {
      const error = errorOf(text)
      expect(error.message).to.match(problem)
      expect(error.fields).to.include({ at })
    })
  }

  it('is shown with a caret below the fault, and what would do', () => {
    const { message, fields } = errorOf('os = linux\nand cpu.fre >= 2')
    expect(message).to.equal([
      'The query cannot be read. There is no attribute cpu.fre. Did you mean cpu.free?',
      '  and cpu.fre >= 2',
      '      ^'
    ].join('\n'))
    expect(fields['expected']).to.match(/^one of id, name, zone, .*cpu\.free/)
  })

  it('lets no character through that a terminal would obey', () => {
    expect(errorOf('\u001b[2J').message).to.equal(
      'The query cannot be read. No part of a query begins with  ; quote what is a value.\n   [2J\n  ^')
  })

  it('is shown in part where it is long', () => {
    const [, line, caret] = errorOf(`name = "${'x'.repeat(200)}" & ${'y'.repeat(200)}`).message.split('\n')
    expect(line).to.equal(`  …${'x'.repeat(48)}" & ${'y'.repeat(24)}…`)
    expect(caret?.indexOf('^')).to.equal(line?.indexOf('&'))
  })

  it('is canonical: what is written is read as the same query', () => {
    fc.assert(fc.property(anyQuery, query => {
      expect(parseQuery(formatQuery(query))).to.deep.equal(query)
    }), { numRuns: 3000 })
  })

  it('gives a query that its schema takes as it is, or EINVAL, whatever it is', () => {
    const fragment = fc.oneof(
      fc.constantFrom('and', 'or', 'not', '(', ')', 'in', 'has', ',', '=', '<', '~', 'order by', 'cost', 'limit'),
      fc.constantFrom('cpu.free', 'arch', 'zone', 'drivers', 'x64', '2', '20ms', '"a"', '\'', 'rtt', 'spread', 'rack'),
      fc.string({ maxLength: 3, unit: 'binary' }))
    fc.assert(fc.property(fc.array(fragment, { maxLength: 12 }), fragments => {
      try {
        const query = parseQuery(fragments.join(' '))
        expect(nodeQuery.parse(query)).to.deep.equal(query)
      } catch (error) {
        if (!isCloudError(error, 'EINVAL')) throw error
      }
    }), { numRuns: 3000 })
  })

  it('can say all that the schema takes at its limits', () => {
    const clause = compare('os', '=', 'a')
    let deep: Condition = clause
    for (let depth = 1; depth < QUERY_LIMITS.depthMax; depth++) {
      deep = depth % 2 === 0 ? { kind: 'not', of: deep } : { kind: 'all', of: [clause, deep] }
    }
    const wide: Condition = { kind: 'any', of: Array.from({ length: QUERY_LIMITS.partsMax - 1 }, () => clause) }
    for (const where of [deep, wide]) {
      expect(nodeQuery.safeParse({ where }).success).to.equal(true)
      expect(parseQuery(formatQuery({ where }))).to.deep.equal({ where })
    }
  })
})

describe('a query is written', () => {
  for (const [text, written] of [
    ['memory.free>=4294967296', 'memory.free >= 4GiB'],
    ['memory.free >= 1536', 'memory.free >= 1.5KiB'],
    ['memory.free >= 5000', 'memory.free >= 5000B'],
    ['cpu.busy < 0.07', 'cpu.busy < 7%'],
    ['rtt(node3) < 0.02', 'rtt(node3) < 20us'],
    ['age < 60000', 'age < 1min'],
    ['network.in > 1M', 'network.in > 1MiB/s'],
    ['arch="x64" and (name="a b" or name="limit")', 'arch = x64 and (name = "a b" or name = "limit")'],
    ['os=a or os=b and not(os=c or os=d)', 'os = a or (os = b and not (os = c or os = d))'],
    ['limit 3 order by cost(load=1) spread site', 'order by cost(load=1) limit 3 spread site']
  ] as const) {
    it(`in one way: ${written}`, () => {
      expect(formatQuery(parseQuery(text))).to.equal(written)
    })
  }
})
