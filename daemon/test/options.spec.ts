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
    expect(resolveNodeOptions({}).resources).to.include({ announcePeriodMs: 2000, silenceMaxMs: 7000 })
    const { resources, processes } = resolveNodeOptions({ profile: 'wan', resources: { silenceMaxMs: 30_000 } })
    expect(resources).to.include({ announcePeriodMs: 5000, silenceMaxMs: 30_000, neighboursMin: 4, nodesMax: 10_000 })
    expect(processes).to.include({ startsMax: 16 })
  })

  it('are refused with all problems at once, each with its whole path', () => {
    expect(problemsOf({ profile: 'moon', resources: { greetMs: 'x', what: 1 }, processes: { startsMax: 0 }, more: 1 }))
      .to.have.lengthOf(5).and.satisfy((problems: string[]) => [
        /^profile: /, /^resources\.greetMs: /, /^resources: .*"what"/, /^processes\.startsMax: /, /^Unrecog.*"more"/
      ].every(problem => problems.some(line => problem.test(line))))
    for (const nonsense of [null, 7, 'x', [], { resources: null }, { resources: 7 }]) {
      expect(problemsOf(nonsense)).to.have.lengthOf(1)
    }
  })

  it('bear a silence of two announcements at the least, whichever way they came', () => {
    const problem = /^resources\.silenceMaxMs: must be at least twice announcePeriodMs/
    for (const options of [
      { resources: { announcePeriodMs: 100, silenceMaxMs: 199 } },
      { resources: { announcePeriodMs: 5000 } },
      { profile: 'local', resources: { announcePeriodMs: 2000 } }
    ]) expect(problemsOf(options)).to.have.lengthOf(1).and.satisfy(([line]: string[]) => problem.test(line as string))
    expect(problemsOf({ resources: { announcePeriodMs: 100, silenceMaxMs: 200 } })).to.deep.equal([])
    expect(problemsOf({ resources: { announcePeriodMs: 100, silenceMaxMs: 199, what: 1 } })).to.have.lengthOf(2)
  })
})
