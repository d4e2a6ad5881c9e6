import { writeFileSync } from 'node:fs'
import type { LinkQuality, LinkRule } from '@welkin/links'
import { expect } from 'chai'
import { Terminal } from './command.ts'

interface Shown {
  rules: LinkRule[]
  links: Array<LinkQuality & { from: string, to: string }>
}

describe('the links of a local cloud', function () {
  this.timeout(60_000)
  const terminal = new Terminal()
  after(() => { terminal.close() })

  const delays = async (): Promise<number[]> =>
    (await terminal.ask<Shown>('local', 'links')).links.map(({ latencyMs }) => latencyMs)

  it('are as slow as it was asked for, from the first byte on', async () => {
    const { status, stderr } = await terminal.type('local', 'up', '--nodes', '2', '--latency', 'wan', '--detach')
    expect(status, stderr).to.equal(0)
    for (const delayMs of await delays()) expect(delayMs).to.be.within(10, 120)
    expect((await terminal.type('run', '--on', 'n2', '--', 'echo', 'far')).stdout).to.equal('far\n')
  })

  it('hold what is sent while they are cut, and pass it on when they are mended', async () => {
    const { rules } = await terminal.ask<{ rules: LinkRule[] }>('local', 'link', 'n1', 'n2', '--cut')
    expect(rules).to.deep.equal([{ from: 'n1', to: 'n2', cut: true }, { from: 'n2', to: 'n1', cut: true }])
    const asking = terminal.start('run', '--on', 'n2', '--', 'echo', 'held')
    let answered = false
    void asking.ended.then(() => { answered = true })
    expect((await terminal.type('local', 'links')).stdout).to.match(/n1 +- +cut\nn2 +cut +-\n/)
    expect(answered).to.equal(false)
    await terminal.ask('local', 'link', 'n1', 'n2', '--mend')
    expect(await asking.ended).to.deep.equal({ status: 0, stdout: 'held\n', stderr: '' })
  })

  it('are changed one way, or both, and changed back', async () => {
    await terminal.ask('local', 'link', 'n1', 'local/site2', '--delay', '7ms', '--one-way')
    expect((await delays())[0]).to.equal(7)
    expect((await delays())[1]).to.be.at.least(10)
    await terminal.ask('local', 'link', 'n1', 'local/site2', '--delay', '9ms')
    expect(await delays()).to.deep.equal([9, 9])
    await terminal.ask('local', 'link', 'n1', 'local/site2', '--clear')
    for (const delayMs of await delays()) expect(delayMs).to.be.at.least(10)
  })

  for (const [why, args, code] of [
    ['a node that is not there', ['n1', 'n9', '--cut'], 'ENOENT'],
    ['nothing that is to change', ['n1', 'n2'], 'EINVAL'],
    ['what cannot be', ['n1', 'n2', '--loss', '95%'], 'EINVAL']
  ] as const) {
    it(`are not changed for ${why}`, async () => {
      const { status, stderr } = await terminal.type('local', 'link', ...args)
      expect(status).to.equal(1)
      expect(stderr).to.include(`(${code})`)
    })
  }

  it('stay those of a node that starts again', async () => {
    await terminal.type('local', 'kill', 'n2')
    expect((await terminal.type('local', 'start', 'n2')).status).to.equal(0)
    const { stdout } = await terminal.shell('ps -A -ww -o command= | grep welkind')
    const started = stdout.split('\n').filter(line => line.includes(terminal.path('.welkin/local/default/n2')))
    expect(started.join('\n')).to.include(`--profile wan --links ${terminal.path('.welkin/local/default/links.json')}`)
    await terminal.type('local', 'down')
  })

  it('are those of a matrix, where one is given', async () => {
    writeFileSync(terminal.path('rtt.csv'), 'oslo,lyon\n0,30\n32,0\n')
    expect((await terminal.type('local', 'up', '--nodes', '2', '--latency', 'rtt.csv', '--detach')).status).to.equal(0)
    expect(await delays()).to.deep.equal([15, 16])
    await terminal.type('local', 'down')
  })

  it('are this machine\'s own where nothing else was asked for', async () => {
    await terminal.type('local', 'up', '--nodes', '1', '--detach')
    expect((await terminal.type('local', 'links')).stderr).to.include('--latency').and.include('(ENOENT)')
    await terminal.type('local', 'down')
    const { stderr } = await terminal.type('local', 'up', '--latency', 'far')
    expect(stderr).to.include('There is no file far').and.include('(ENOENT)')
  })
})
