import { expect } from 'chai'
import { readScenario } from '../src/command/read-scenario.ts'
import { runScenario } from '../src/run.ts'

/** Runs that once broke, and why. What they did is so only as long as nothing draws otherwise; the checkers stay. */
const BROKE: ReadonlyArray<[scenario: string, seed: string, why: string]> = [
  ['swarm', '8', 'a node on probation was called upon as a stranger, whose answer named it as one, without end'],
  ['swarm', '376', 'a packet lost again and again kept a connection silent for a minute, and no probe ended it']
]

describe('what once broke', () => {
  for (const [scenario, seed, why] of BROKE) {
    it(`holds: ${why}`, async function () {
      this.timeout(120_000)
      const { report: { broken } } = await runScenario(await readScenario(scenario), { seed })
      expect(broken, `again: welkin-sim run ${scenario} --seed ${seed}`).to.deep.equal([])
    })
  }
})
