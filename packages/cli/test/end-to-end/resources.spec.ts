import { spawnSync } from 'node:child_process'
import { expect } from 'chai'
import type { ReplyOf } from '@welkin/syscalls'
import { Terminal, WELKIN } from './command.ts'

interface Costed { nodes: Array<{ name: string, cost: { rttMs?: number } }> }

interface Pictured { nodes: ReplyOf<'find'>['rows'], objects: ReplyOf<'list'>['objects'] }

describe('the resources of a local cloud', function () {
  this.timeout(60_000)
  const terminal = new Terminal()

  before(async () => {
    const { status, stderr } = await terminal.type('local', 'up', '--nodes', '2', '--detach')
    expect(status, stderr).to.equal(0)
    // From here on each knows how far the other is.
    await Promise.all([['n1', 'n2'], ['n2', 'n1']].map(([node = '', peer = '']) =>
      terminal.ask('measure', node, '--peers', peer)))
    await terminal.type('run', '--detach', '--on', 'n2', '--name', 'sleeper', '--', 'sleep', '1000')
    // A node tells of its objects within a second or two.
    const isTold = async (): Promise<boolean> =>
      (await terminal.ask<ReplyOf<'nodes'>>('nodes')).nodes.some(({ load }) => load.objects === 1)
    for (let tries = 0; tries < 50 && !await isTold(); tries++) { /* each look takes a while */ }
  })
  after(async () => {
    await terminal.type('local', 'down')
    terminal.close()
  })

  it('are listed by nodes, in the order that is asked for, with distances', async () => {
    const { stdout } = await terminal.type('nodes', '--sort', 'objects')
    const [head, ...rows] = stdout.trim().split('\n').map(line => line.split(/ {2,}/))
    expect(head).to.deep.equal(['NAME', 'ZONE', 'STATE', 'RTT', 'LOAD', 'CPU', 'MEMORY', 'OBJECTS', 'AGE'])
    expect(rows.map(([name, zone, state]) => `${name} ${zone} ${state}`))
      .to.deep.equal(['n2 local/site2/rack1 up', 'n1 local/site1/rack1 up'])
    expect(rows[0]?.[3]).to.match(/^[\d.]+ m?s$/)
    expect(rows[1]?.[3]).to.equal('0 ms')
    const { nodes } = await terminal.ask<Costed>('nodes', '--reverse')
    expect(nodes.map(({ name }) => name)).to.deep.equal(['n2', 'n1'])
    expect(nodes[0]?.cost.rttMs).to.be.above(0)
    expect(nodes[1]?.cost.rttMs).to.equal(0)
  })

  it('are listed of one zone, and with more columns', async () => {
    const { stdout } = await terminal.type('nodes', '--wide', '--zone', 'local/site2')
    expect(stdout).to.match(/^NAME .* DRIVERS +ID\nn2 .* native,( native-strict,)? builtin, wasm, wasm-strict +12D3/)
    expect(await terminal.type('nodes', '--zone', 'local/site9')).to.deep.include({
      status: 0, stderr: 'None of 2 nodes meets zone in local/site9.\n'
    })
  })

  it('are found, with what they cost', async () => {
    const { status, stdout, stderr } = await terminal.type('find', 'memory.free > 1M order by rtt(n2) limit 1')
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: 'These are 1 of 2 that match.\n' })
    expect(stdout).to.match(/^NAME +ZONE +STATE +RTT +BANDWIDTH +TRANSFER +START +PRICE +LOAD +AGE\nn2 .* 0 ms ± 0 /)
    const { rows } = await terminal.ask<ReplyOf<'find'>>('find', '--limit', '1', '--site')
    expect(rows.map(({ node }) => node.name)).to.deep.equal(['n1'])
    expect((await terminal.type('find', '--limit', '2', 'limit 1')).status).to.equal(2)
  })

  it('are not found where nothing matches, and it says why', async () => {
    expect(await terminal.type('find', 'cpu.count > 9999')).to.deep.equal({
      status: 1, stdout: '', stderr: 'welkin: None of 2 nodes meets cpu.count > 9999.\n'
    })
    const { status, stdout } = await terminal.type('find', '--json', 'cpu.count > 9999')
    expect(status).to.equal(1)
    expect(JSON.parse(stdout)).to.deep.include({ rows: [], matched: 0 }).and.have.property('why')
  })

  it('are so far apart, in one line', async () => {
    const line = / ± [\d.]+ \((measured|estimated) \d+s ago\); loss <?\d+ % of [\d,]+ requests?/
    expect((await terminal.type('distance', 'n2')).stdout).to.match(line).and.match(/^n1 - n2: [\d.]+ m?s/)
    expect((await terminal.type('distance', 'n2', 'n1')).stdout).to.match(line).and.match(/^n2 - n1: /)
    expect((await terminal.type('distance', 'n2', 'sleeper')).stdout).to.match(/^n2 - sleeper: 0 ms ± 0 /)
    expect(await terminal.ask<ReplyOf<'distance'>>('distance', 'n1', 'n2')).to.include.keys('rttMs', 'errorMs', 'way')
    expect((await terminal.type('distance', 'nowhere')).stderr).to.match(/Nothing goes by "nowhere".*\(ENOENT\)\n$/)
  })

  it('are measured when that is asked for', async () => {
    const { stdout } = await terminal.type('measure', 'n2', '--peers', 'n1', '--probes', '2', '--bytes', '64K')
    expect(stdout).to.match(/^node +n2 \(12D3KooW\w+\)\n/)
    expect(stdout).to.match(/\nnative +healthy(: .*)? +signals, input, exec, /)
    expect(stdout).to.match(/\nPEER +RTT +LEAST +LOSS +BANDWIDTH\nn1( +[\d.]+ m?s){2} +0 % +[\d.]+ [KMG]iB\/s\n$/)
  })

  it('decide where a program runs, and it says why', async () => {
    const { status, stdout, stderr } = await terminal.type('run', '--near', 'sleeper', '--prefer', 'latency=1',
      '--within', '10s:n1', '--where', 'memory.free > 1M', '--explain', '--', 'sh', '-c', 'echo $WELKIN_NODE')
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'n2\n' })
    expect(stderr).to.match(/^Looked for: memory.free > 1MiB and rtt\(n1\) <= 10s and .*\n/)
    expect(stderr).to.include(' order by cost(latency=1) near sleeper\n')
    expect(stderr).to.match(/\nn2 +local\/site2\/rack1 +0 ms ± 0 .* 1 +1\nn1 .* 0 +0\n$/)
  })

  it('are spread over, and each refusal is told', async () => {
    const { stdout } = await terminal.type('run', '--json', '--detach', '--count', '2', '--spread', 'site', '--explain',
      '--', 'true')
    const { objects, explanation } = JSON.parse(stdout) as ReplyOf<'spawn'>
    expect(new Set(objects.map(({ node }) => node)).size).to.equal(2)
    expect(explanation?.candidates.map(({ taken }) => taken)).to.deep.equal([1, 1])
    const { status, stderr } = await terminal.type('run', '--cpu', '4000', '--explain', '--', 'true')
    expect(status).to.equal(1)
    expect(stderr).to.match(/^(\w+: This node has no room.*\n){2}welkin: No node has room .*\(EAGAIN\)\n$/)
  })

  it('are told of by events, of one node too', async () => {
    const { stdout } = await terminal.type('events', '--node', 'n2', '--type', 'nodeStarted', '--type', 'nodeJoined')
    const lines = stdout.trim().split('\n').map(line => line.split(' ').slice(1))
    expect(lines).to.deep.include(['n2', 'nodeStarted', 'name=n2', 'zone=local/site2/rack1'])
    expect((await terminal.type('events', '--node', 'n3')).stderr).to.match(/no node n3\. Did you mean .*\(ENOENT\)/)
    expect((await terminal.type('events', '--zone', 'local/site2')).stdout).to.not.include(' n1 objectSpawned')
  })

  describe('under top', () => {
    it('are printed once where there is no terminal', async () => {
      expect((await terminal.type('top')).stdout).to.match(/^welkin .* 2 nodes \(2 up\) .*\n\nNAME .*\nn1 .*\nn2 .*\n$/)
      const { stdout } = await terminal.type('top', '--objects')
      expect(stdout).to.match(/\nsleeper +n2 +running +[\d.]+ s +[\d.]+ [KM]iB /)
      const { nodes, objects } = await terminal.ask<Pictured>('top')
      expect(nodes).to.have.lengthOf(2)
      expect(objects.find(({ name }) => name === 'sleeper')?.usage).to.have.property('cpuSeconds')
    })

    // A terminal of its own, by util-linux.
    const { stdout: version } = spawnSync('script', ['--version'], { encoding: 'utf8' })
    for (const [how, end] of [['q', 'q'], ['Ctrl-C', '\u0003'], ['SIGTERM', undefined]] as const) {
      it(`are watched until ${how}, and the terminal is left as it was`, async function () {
        if (version?.includes('util-linux') !== true) {
          console.log('      skipped: there is no script(1) of util-linux')
          this.skip()
        }
        const watched = `echo pid $$; exec "${process.execPath}" "${WELKIN}" top`
        const command = terminal.run('script', ['-qec', watched, '/dev/null'])
        await command.printed('stdout', 'q quit')
        command.process.stdin?.write('\t')
        await command.printed('stdout', 'sleeper')
        if (end !== undefined) command.process.stdin?.write(end)
        else process.kill(Number(/pid (\d+)/.exec(command.seen('stdout'))?.[1]), 'SIGTERM')
        const { status, stdout } = await command.ended
        expect(status).to.equal(0)
        expect(stdout.split('\r\n')[1]?.startsWith('\u001b[?1049h\u001b[?25l\u001b[?7l')).to.equal(true)
        expect(stdout.endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l')).to.equal(true)
      })
    }
  })
})
