import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Report } from '../../src/demo/report.ts'
import { Terminal } from './command.ts'

describe('the demonstration', function () {
  this.timeout(60_000)
  const terminal = new Terminal()

  before(() => {
    mkdirSync(terminal.path('folder/deep'), { recursive: true })
    mkdirSync(terminal.path('empty'))
    for (const name of ['a', 'new\nline', 'back\\slash', 'é', 'deep/-dash']) {
      writeFileSync(terminal.path(`folder/${name}`), name)
    }
    writeFileSync(terminal.path('folder/big'), Buffer.alloc(1_000_000, 'big'))
  })
  after(() => { terminal.close() })

  it('hashes a folder in a cloud, agrees with one process alone, and takes all down', async () => {
    const report = await terminal.ask<Report>('demo', '--nodes', '2', '--folder', 'folder')
    expect(report).to.include({ agreed: true, files: 6, objects: 6 })
    expect(report.nodes.map(({ node, objects }) => [node, objects])).to.deep.equal([['n1', 3], ['n2', 3]])
    expect(existsSync(terminal.path('.welkin'))).to.equal(false)
  })

  it('stays up until Ctrl-C when it is started, and is found by what is typed next', async () => {
    mkdirSync(terminal.path('.welkin'))
    const command = terminal.start('start', '--nodes', '1', '--folder', 'empty')
    await command.printed('stderr', 'In another terminal')
    expect((await terminal.type('run', '--', 'echo', 'found')).stdout).to.equal('found\n')
    command.process.kill('SIGINT')
    expect((await command.ended).status).to.equal(0)
    expect(readdirSync(terminal.path('.welkin'))).to.deep.equal([])
  })

  it('needs a folder', async () => {
    expect((await terminal.type('demo', '--folder', 'nowhere')).stderr).to.match(/cannot be listed.*\(EINVAL\)/)
  })
})
