import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { outcomeOf, type Outcome } from './outcome.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

describe('README', () => {
  let home = ''
  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'welkin-')) })
  afterEach(async () => {
    await run('welkin local down')
    await rm(home, { recursive: true, force: true })
  })

  /** Runs a line as a reader would type it, in a folder of its own, with this checkout's commands. */
  async function run (line: string): Promise<Outcome> {
    const env = {
      ...process.env,
      WELKIN_HOME: home,
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
      npm_config_yes: 'false'
    }
    const child = spawn('sh', ['-c', line], { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] })
    return await outcomeOf(child)
  }

  async function blocks (): Promise<string[][]> {
    const text = await readFile(join(root, 'README.md'), 'utf8')
    return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.trim().split('\n'))
  }

  it('begins with two commands', async () => {
    expect((await blocks())[0]).to.deep.equal(['npm ci', 'npm start'])
    const manifest = await readFile(join(root, 'package.json'), 'utf8')
    const { scripts } = JSON.parse(manifest) as { scripts: Record<string, string> }
    expect(scripts['start']).to.equal('node packages/cli/bin/welkin.js start')
  })

  it('has commands for the second terminal that all work', async function () {
    this.timeout(120_000)
    const [, lines = []] = await blocks()
    expect(lines.length).to.be.above(10)
    expect(await run('welkin local up --detach')).to.have.property('status', 0)
    for (const line of lines) {
      // npx would look for its bin folder here; the command itself is on the path.
      const { status, output } = await run(line.replace(/^npx /, ''))
      expect(status, `${line}\n${output}`).to.equal(0)
      if (line.includes('hello')) expect(output).to.include('hello from somewhere')
      if (line === 'cat sums') expect(output).to.match(/^[0-9a-f]{64} {2}data\.csv$/m)
    }
  })
})
