import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import { checkLinkTable, parseLinkTable, readLinks } from '../src/index.ts'

function problemsOf (value: unknown): string[] {
  try {
    checkLinkTable(value)
  } catch (error) {
    if (error instanceof CloudError && error.code === 'EINVAL') return error.fields['problems'] as string[]
  }
  throw new Error('It was taken.')
}

describe('A table of links', () => {
  it('needs nothing', () => {
    expect(checkLinkTable({})).to.deep.equal({ profile: 'lan', seed: '', zones: {}, rules: [], places: {} })
  })

  it('holds a rule for both ways as two', () => {
    const { rules } = checkLinkTable({ rules: [{ from: 'n1', to: 'acme/lyon', both: true, latencyMs: 5 }] })
    expect(rules).to.deep.equal([
      { from: 'n1', to: 'acme/lyon', latencyMs: 5 }, { from: 'acme/lyon', to: 'n1', latencyMs: 5 }
    ])
  })

  it('is the same when it is written and read again', () => {
    const table = checkLinkTable({
      profile: 'wan',
      seed: 'x',
      zones: { rack: { latencyMs: 1 } },
      matrix: { nodes: ['n1', 'n2'], rttMs: [[0, 1], [2, 0]] },
      rules: [{ from: 'n1', to: 'n2', both: true, cut: true }],
      places: { id: { name: 'n1', zone: 'acme/lyon/r1' } }
    })
    expect(parseLinkTable(JSON.stringify(table))).to.deep.equal(table)
  })

  it('is refused with every problem, and the rules that are wrong', () => {
    expect(problemsOf({
      profile: 'moon',
      rules: [{ from: 'n1', to: 'n2' }, { from: 'n1', to: 'N 2', latencyMs: -1 }, { to: 'n1', lossRatio: 1, delay: 3 }]
    })).to.deep.equal([
      'profile: Invalid option: expected one of "lan"|"datacenter"|"wan"',
      'rule 2 (from n1 to N 2): to: must be the name of a node, or a zone',
      'rule 2 (from n1 to N 2): latencyMs: Too small: expected number to be >=0',
      'rule 3 (from undefined to n1): from: Invalid input: expected string, received undefined',
      'rule 3 (from undefined to n1): lossRatio: Too big: expected number to be <=0.9',
      'rule 3 (from undefined to n1): Unrecognized key: "delay"'
    ])
  })

  it('is refused where it is none at all', () => {
    expect(problemsOf([])).to.have.lengthOf(1)
    expect(problemsOf({ rules: [null] })[0]).to.match(/^rule 1 /)
    expect(problemsOf({ matrix: { nodes: ['n1', 'n2'], rttMs: [[0, 1], [0]] } })[0]).to.match(/^matrix: must have/)
    expect(() => parseLinkTable('{')).to.throw(CloudError, 'no JSON').with.property('code', 'EINVAL')
  })
})

describe('A file of links', () => {
  const places = ['s1/r1', 's2/r1', 's1/r2'].map((zone, i) => ({ name: `n${i + 1}`, zone: `acme/${zone}` }))

  it('holds a table', () => {
    expect(readLinks(' {"profile":"datacenter"}', places)).to.include({ profile: 'datacenter' })
  })

  it('holds a matrix, whose first rows are those of the nodes', () => {
    expect(readLinks('0,1,2\n3,0,4\n5,6,0', places.slice(0, 2)).matrix)
      .to.deep.equal({ nodes: ['n1', 'n2'], rttMs: [[0, 1], [3, 0]] })
  })

  it('holds a matrix, whose rows are those of sites where there are too few for nodes', () => {
    expect(readLinks('0,1\n2,0', places).matrix)
      .to.deep.equal({ nodes: ['acme/s1', 'acme/s2'], rttMs: [[0, 1], [2, 0]] })
  })

  it('is refused where its matrix is too small even so', () => {
    expect(() => readLinks('0', places)).to.throw(CloudError, '1 places, and the cloud 3 nodes in 2 sites; take fewer')
  })
})
