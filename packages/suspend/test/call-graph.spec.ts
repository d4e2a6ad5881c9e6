import { expect } from 'chai'
import { CallGraph } from '../src/call-graph.ts'

interface Said { calls?: number[], through?: number[], size?: number, loops?: number }

/** Undefined: it is imported. Type 0 reaches `reached`. */
function graphOf (functions: ReadonlyArray<Said | undefined>, reached: readonly number[] = []): CallGraph {
  return new CallGraph({
    facts: functions.map(said => said === undefined ? undefined : {
      size: said.size ?? 10, loops: said.loops ?? 0, calls: said.calls ?? [], indirectCalls: said.through ?? [],
      references: [], changedTables: [], writtenGlobals: [], droppedData: [], droppedElements: []
    }),
    reachedBy: type => type === 0 ? reached : [],
    uncheckedMax: 1000,
    uncheckedInLoopMax: 100
  })
}

describe('the graph of calls', () => {
  it('has a look at the fuel in every circle', () => {
    expect([...graphOf([{ calls: [0] }, {}]).checkedAtEntry()]).to.deep.equal([0])
    expect(graphOf([{ calls: [1] }, { calls: [2] }, { calls: [1, 0] }]).checkedAtEntry()).to.deep.equal(new Set([1, 0]))
    expect([...graphOf([{ calls: [1, 1] }, {}]).checkedAtEntry()]).to.deep.equal([])
  })

  it('has one in circles through tables', () => {
    expect(graphOf([{ through: [0] }, { calls: [0] }, {}], [1]).checkedAtEntry()).to.not.deep.equal(new Set())
  })

  it('has some where few functions would run for very long without', () => {
    const doubling = Array.from({ length: 30 }, (_, at) => ({ calls: at < 29 ? [at + 1, at + 1] : [] }))
    const checked = graphOf(doubling).checkedAtEntry()
    expect(checked.size).to.be.within(1, 10)
  })

  it('can be as deep as it likes', () => {
    const deep = Array.from({ length: 50_000 }, (_, at) => ({ calls: at < 49_999 ? [at + 1] : [0] }))
    expect(graphOf(deep).checkedAtEntry().has(0)).to.equal(true)
  })

  it('finds who may come to be suspended: whoever calls those who may, directly or through tables', () => {
    const functions = [undefined, { calls: [0] }, { through: [0] }, { through: [1] }, {}]
    const { hasFunction, hasType } = graphOf(functions, [1, 4]).reaching([0])
    expect([0, 1, 2, 3, 4].map(hasFunction)).to.deep.equal([true, true, true, false, false])
    expect([0, 1].map(hasType)).to.deep.equal([true, false])
  })
})
