import { expect } from 'chai'
import { callManual, TABLE } from '@welkin/abi'
import { mapConcurrently } from '@welkin/async'
import { ATTRIBUTES } from '@welkin/query'
import { Terminal } from './command.ts'

describe('welkin without a cloud', function () {
  this.timeout(60_000)
  const terminal = new Terminal()
  after(() => { terminal.close() })

  for (const line of [
    'ps --colour', 'pss', 'local up --nodes 0', 'local link n1 n2 --delay 5', 'run', 'run --restart perhaps x', 'stat',
    'up --zone A/B', 'up --listen off --listen /ip4/0.0.0.0/tcp/1', 'up --proxy x',
    '--cloud x local ls', 'nodes --sort beauty', 'measure --bytes 17M', 'run --within 20ms x'
  ]) {
    it(`exits with 2 for "welkin ${line}"`, async () => {
      const { status, stdout, stderr } = await terminal.type(...line.split(' '))
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: '' })
      expect(stderr).to.match(/^welkin: .*\(EINVAL\)\n$/)
    })
  }

  const wrong = 'cpu.free >= 2 and archh = x64'
  for (const args of [['find', wrong], ['run', '--where', wrong, 'true']]) {
    it(`shows where the query of ${args[0]} is wrong, before any cloud is asked`, async () => {
      const { status, stderr } = await terminal.type(...args)
      expect(status).to.equal(2)
      expect(stderr).to.equal([
        'welkin: The query cannot be read. There is no attribute archh. Did you mean arch? (EINVAL)',
        `  ${wrong}`, `${' '.repeat(20)}^`, ''
      ].join('\n'))
    })
  }

  it('lists what can be asked of a node', async () => {
    const { stdout } = await terminal.type('find', '--attributes')
    expect(stdout).to.match(/^ATTRIBUTE +COMPARED WITH +WHAT IT IS\n/)
    const { attributes } = await terminal.ask<{ attributes: Array<{ name: string }> }>('find', '--attributes')
    expect(attributes.map(({ name }) => name)).to.deep.equal([...ATTRIBUTES.keys()])
    for (const { name } of attributes) expect(stdout).to.include(`\n${name} `)
  })

  it('says what to do where there is no cloud', async () => {
    const { status, stderr } = await terminal.type('ps')
    expect(status).to.equal(1)
    expect(stderr).to.match(/^welkin: No cloud was found: "welkin local up" .*\(ENOENT\)\n$/)
  })

  it('prints errors as JSON to programs', async () => {
    const [fault, usage] = await Promise.all([
      terminal.type('nodes', '--json'), terminal.type('nodes', '--json', '--colour')
    ])
    expect(JSON.parse(fault.stdout)).to.have.nested.property('error.code', 'ENOENT')
    expect(JSON.parse(usage.stdout)).to.have.nested.property('error.code', 'EINVAL')
    expect([fault.status, usage.status, fault.stderr, usage.stderr]).to.deep.equal([1, 2, '', ''])
  })

  it('prints errors as JSON where --json stands before the command', async () => {
    const { status, stdout, stderr } = await terminal.type('--json', 'nodes')
    expect({ status, stderr }).to.deep.equal({ status: 1, stderr: '' })
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'ENOENT')
  })

  it('lists every system call with its sentence, and explains each', async () => {
    const list = (await terminal.type('call', '--help')).stdout.split('\n').map(line => line.replace(/ +/g, ' '))
    expect(list).to.include.members(Object.entries(TABLE).map(([name, { manual }]) => ` ${name} ${manual}`))
    const spawn = await terminal.type('call', 'spawn', '--help')
    expect(spawn).to.deep.equal({ status: 0, stdout: `${callManual('spawn')}\n`, stderr: '' })
  })

  it('leaves the options of the program to the program', async () => {
    const { status, stderr } = await terminal.type('run', 'ls', '--json', '--colour')
    expect(status).to.equal(1)
    expect(stderr).to.include('No cloud was found')
  })

  it('explains every command with an example', async () => {
    const commands = [
      'start', 'demo', 'up', 'run', 'ps', 'stat', 'kill', 'signal', 'wait', 'logs', 'attach', 'rm',
      'nodes', 'find', 'distance', 'measure', 'top', 'events', 'call', 'version',
      'local up', 'local ls', 'local down', 'local kill', 'local start', 'local link', 'local links', 'blob put',
      'blob get'
    ]
    await mapConcurrently(commands, 4, async command => {
      const { status, stdout } = await terminal.type(...command.split(' '), '--help')
      expect(status, command).to.equal(0)
      expect(stdout).to.include('--json').and.to.match(new RegExp(`Examples?:\\n {2}(.* )?welkin ${command}`))
    })
  })
})
