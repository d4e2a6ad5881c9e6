import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const WELKIN_SIM = fileURLToPath(new URL('../../bin/welkin-sim.js', import.meta.url))

function sim (...args: string[]) {
  return spawnSync(process.execPath, [WELKIN_SIM, ...args], { encoding: 'utf8' })
}

describe('welkin-sim', () => {
  it('plays a scenario and reports it for programs', function () {
    this.timeout(60_000)
    const { status, stdout } = sim('run', 'rack-power-cut', '--nodes', '10', '--seed', 'spec', '--json')
    expect(status).to.equal(0)
    expect(JSON.parse(stdout)).to.deep.include({ scenario: 'rack-power-cut', seed: 'spec', nodes: 10, faults: [] })
  })

  for (const [why, args] of [
    ['no scenario', []],
    ['an unknown one', ['nope']],
    ['nodes that are no number', ['rack-power-cut', '--nodes', 'x']],
    ['an unknown option', ['rack-power-cut', '--x']],
    ['a distance that is neither a profile nor a file', ['rack-power-cut', '--latency', 'far']],
    ['a file that is no matrix', ['rack-power-cut', '--latency', fileURLToPath(import.meta.url)]]
  ] as const) {
    it(`exits with 2 and the usage for ${why}`, () => {
      const { status, stderr } = sim(...args)
      expect(status).to.equal(2)
      expect(stderr).to.match(/^welkin-sim: .*\nusage: /)
    })
  }
})
