import { expect } from 'chai'
import { componentSchema } from '../src/json-schema.ts'
import { nodeQuery, QUERY_LIMITS, sizeOfCondition } from '../src/index.ts'

const clause = { kind: 'has', attribute: 'drivers', word: 'native' } as const

const problemsOf = (query: unknown): string[] =>
  (nodeQuery.safeParse(query).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('the typed form of a query', () => {
  it('gets its defaults, and is plain data', () => {
    const query = {
      where: {
        kind: 'all',
        of: [
          { kind: 'compare', attribute: 'cpu.free', operator: '>=', value: 2 },
          { kind: 'not', of: { kind: 'any', of: [clause, { kind: 'zone', zones: ['acme/lyon'] }] } },
          { kind: 'in', attribute: 'arch', values: ['x64', 'arm64'] },
          { kind: 'rtt', target: 'node3', operator: '<', ms: 20 }
        ]
      },
      order: { by: 'rtt', target: 'node3' },
      limit: 20,
      spread: 'rack'
    }
    expect(nodeQuery.parse(query)).to.deep.equal({ ...query, order: { ...query.order, descending: false } })
    expect(nodeQuery.parse({})).to.deep.equal({})
  })

  const refused: ReadonlyArray<readonly [what: string, query: unknown, problem: string]> = [
    ['a part that it does not know', { where: { ...clause, x: 1 } }, 'where: Unrecognized key: "x"'],
    ['a combination of one', { where: { kind: 'all', of: [clause] } }, 'where.of: Too small'],
    ['a number without end', { where: { kind: 'rtt', target: 'a', operator: '<', ms: Infinity } }, 'where.ms: '],
    ['what is no zone', { where: { kind: 'zone', zones: ['Acme'] } }, 'where.zones.0: must be one to three labels'],
    ['a name that is none', { where: { ...clause, attribute: 'a b' } }, 'where.attribute: must be the name'],
    ['a long word', { where: { ...clause, word: 'x'.repeat(257) } }, 'where.word: Too big'],
    ['a cost of nothing', { order: { by: 'cost', weights: {} } }, 'order.weights: must name something'],
    ['no rows', { limit: 0 }, 'limit: Too small'],
    ['null', { where: null }, 'where: Invalid input']
  ]
  for (const [what, query, problem] of refused) {
    it(`does not take ${what}`, () => {
      expect(problemsOf(query).join('\n')).to.include(problem)
    })
  }

  it('is bounded in size and depth before it is descended into', () => {
    const message = 'where: must have at most 256 parts and be at most 16 deep'
    let deep: unknown = clause
    for (let depth = 0; depth < 200_000; depth++) deep = { kind: 'not', of: deep }
    const wide = { kind: 'any', of: Array.from({ length: QUERY_LIMITS.partsMax }, () => clause) }
    const listing = { kind: 'in', attribute: 'name', values: Array.from({ length: 300 }, () => 'x') }
    for (const where of [deep, wide, listing]) expect(problemsOf({ where })).to.deep.equal([message])
  })

  it('counts conditions, combinations and listed values as parts', () => {
    const zones = { kind: 'zone', zones: ['a', 'b'] }
    const all = { kind: 'all', of: [clause, { kind: 'not', of: zones }] }
    expect(sizeOfCondition(all)).to.deep.equal({ parts: 6, depth: 3 })
    expect(sizeOfCondition(undefined)).to.deep.equal({ parts: 1, depth: 1 })
  })

  it('is described in an OpenAPI document by a component that contains itself', () => {
    const components: Record<string, unknown> = {}
    const schema = componentSchema(nodeQuery, 'input', components)
    expect(schema).to.have.nested.property('properties.where.$ref', '#/components/schemas/Condition')
    expect(schema).not.to.have.property('$defs')
    expect(JSON.stringify(components['Condition'])).to.include('{"$ref":"#/components/schemas/Condition"}')
  })
})
