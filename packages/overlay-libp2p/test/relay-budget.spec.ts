import { CloudError } from '@welkin/interface'
import { expect } from 'chai'
import { RelayBudget } from '../src/relaying/relay-budget.ts'

const BOUNDS = { connectionsMax: 3, connectionsPerPeerMax: 2, bytesPerSecondMax: 1000 }

function codeOf (act: () => void): string {
  try {
    act()
    return 'none'
  } catch (error) {
    return (error as CloudError).code
  }
}

describe('what a node passes on for others', () => {
  it('is no more than so many connections, for one peer and for all', () => {
    const budget = new RelayBudget(BOUNDS)
    for (const peer of ['a', 'a']) budget.enter(peer, 0)
    expect(codeOf(() => budget.enter('a', 0))).to.equal('EAGAIN')
    budget.enter('b', 0)
    expect(codeOf(() => budget.enter('c', 0))).to.equal('EAGAIN')
    budget.leave('a')
    expect(codeOf(() => budget.enter('c', 0))).to.equal('none')
    expect(budget.count).to.equal(3)
  })

  it('is no more than so many bytes a second: the others wait, and nobody new comes', () => {
    const budget = new RelayBudget(BOUNDS)
    expect(budget.spend(50, 10_000)).to.equal(0)
    expect(budget.spend(500, 10_000)).to.equal(500)
    expect(budget.spend(500, 10_500)).to.equal(500)
    budget.spend(2000, 10_500)
    expect(codeOf(() => budget.enter('a', 10_500))).to.equal('EAGAIN')
    expect(codeOf(() => budget.enter('a', 11_500))).to.equal('none')
    expect(budget.spend(50, 60_000)).to.equal(0)
  })
})
