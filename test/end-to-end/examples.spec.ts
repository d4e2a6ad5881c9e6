import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { outcomeOf, type Outcome } from './outcome.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url))

describe('the examples', function () {
  this.timeout(300_000)
  let temporary = ''
  beforeEach(async () => { temporary = await mkdtemp(join(tmpdir(), 'welkin-')) })
  afterEach(async () => { await rm(temporary, { recursive: true }) })

  async function run (example: string, ...args: string[]): Promise<Outcome> {
    const child = spawn('sh', [join(EXAMPLES, example, 'run.sh'), ...args], {
      env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe']
    })
    return await outcomeOf(child)
  }

  async function works (...command: [example: string, ...args: string[]]): Promise<string> {
    const { status, output } = await run(...command)
    expect(status, output).to.equal(0)
    expect(await readdir(temporary)).to.deep.equal([])
    return output
  }

  /** What a compiler and a network are needed for is run where somebody has built it. */
  function isBuilt (program: string): boolean {
    if (existsSync(join(EXAMPLES, '.built', `${program}.wasm`))) return true
    console.log(`      skipped: "sh examples/build.sh ${program}" has not been run`)
    return false
  }

  it('move a program in C from node to node, with the digits of one that stays', async () => {
    const output = await works('pi', 'c', '15000', '2')
    expect(output.match(/it stood still for/g)).to.have.lengthOf(2)
    expect(output).to.contain('Moved 2 times, and not a digit is another')
  })

  it('have a job go on when its rack fails', async () => {
    expect(await works('rack')).to.match(/It counted from 1 to \d+, .* and left out nothing/s)
  })

  it('move a server while somebody talks to it', async () => {
    const output = await works('server', 'c', '3')
    expect(output.match(/it stood still for/g)).to.have.lengthOf(3)
    expect(output).to.match(/Moved 3 times: \d+ answers over one connection, none lost or doubled/)
  })

  it('move a program in JavaScript', async function () {
    if (!isBuilt('quickjs')) return this.skip()
    expect(await works('pi', 'js', '1500', '2')).to.contain('1500 of them')
  })

  it('move a query of SQLite', async function () {
    if (!isBuilt('sqlite')) return this.skip()
    expect(await works('sqlite')).to.contain('The same 53 rows.')
  })
})
