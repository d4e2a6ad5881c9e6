import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { resolveNodeOptions } from '../src/options.ts'

function problemsOf (options: unknown): unknown {
  try {
    resolveNodeOptions(options)
    return []
  } catch (error) {
    if (!(error instanceof CloudError) || error.code !== 'EINVAL') throw error
    return error.fields['problems']
  }
}

describe('the options of a node', () => {
  it('are those that are given over the profile\'s over the defaults', () => {
    expect(resolveNodeOptions({}).resources).to.include({ probePeriodMs: 1000, pushPauseMs: 200, dialTimeoutMs: 3000 })
    const { resources, processes } = resolveNodeOptions({ profile: 'wan', resources: { suspicionMaxMs: 30_000 } })
    expect(resources).to.include({ dialTimeoutMs: 10_000, suspicionMaxMs: 30_000, suspicionMinMs: 2000, rings: 4 })
    expect(processes).to.include({ startsMax: 16 })
    expect(resolveNodeOptions({ profile: 'local', resources: { pushPauseMs: 7 } }).resources)
      .to.include({ pushPauseMs: 7, healPeriodMs: 5000 })
  })

  it('are refused with all problems at once, each with its whole path', () => {
    expect(problemsOf({ profile: 'moon', resources: { rings: 'x', what: 1 }, processes: { startsMax: 0 }, more: 1 }))
      .to.have.lengthOf(5).and.satisfy((problems: string[]) => [
        /^profile: /, /^resources\.rings: /, /^resources: .*"what"/, /^processes\.startsMax: /, /^Unrecog.*"more"/
      ].every(problem => problems.some(line => problem.test(line))))
    for (const nonsense of [null, 7, 'x', [], { resources: null }, { resources: 7 }]) {
      expect(problemsOf(nonsense)).to.have.lengthOf(1)
    }
  })

  it('agree with one another, whichever way they came', () => {
    for (const [resources, problem] of [
      [{ probeTimeoutMs: 1000 }, /^resources\.probeTimeoutMs: must be below probePeriodMs/],
      [{ probePeriodMs: 400 }, /^resources\.probeTimeoutMs: must be below probePeriodMs/],
      [{ suspicionMinMs: 6001 }, /^resources\.suspicionMaxMs: must be at least suspicionMinMs/],
      [{ refreshMs: 100_001 }, /^resources\.expireMs: must be at least twice refreshMs/]
    ] as const) {
      expect(problemsOf({ resources })).to.have.lengthOf(1)
        .and.satisfy(([line]: string[]) => problem.test(line as string))
    }
    expect(problemsOf({ resources: { probePeriodMs: 400, probeTimeoutMs: 399 } })).to.deep.equal([])
    expect(problemsOf({ resources: { suspicionMinMs: 6000, refreshMs: 100_000 } })).to.deep.equal([])
  })
})
