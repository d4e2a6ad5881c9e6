import { expect } from 'chai'
import { CloudError } from '@welkin/interface'
import { createNodeLogger, createNodeMetrics } from '../src/index.ts'

describe('The log of a real machine', () => {
  const lines: Array<Record<string, unknown>> = []
  const stream = { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } }
  beforeEach(() => { lines.length = 0 })

  it('writes one line of JSON for each event, with its fields', () => {
    const log = createNodeLogger({ level: 'debug', stream, fields: { node: 'n1' } })
    log.warn('disk.filled', { freeBytes: 5 })
    const [{ time, ...rest } = {}] = lines
    expect(rest).to.deep.equal({ level: 'warn', node: 'n1', event: 'disk.filled', freeBytes: 5 })
    expect(new Date(time as string).toISOString()).to.equal(time)
  })

  it('leaves out what is below its level', () => {
    const log = createNodeLogger({ level: 'info', stream })
    log.debug('peer.seen')
    log.info('node.started')
    expect(lines.map(({ event }) => event)).to.deep.equal(['node.started'])
  })

  it('tells of errors what they say, with their causes', () => {
    const log = createNodeLogger({ level: 'info', stream })
    log.error('blob.lost', { error: new CloudError('EIO', 'Gone.', { cause: new Error('bad sector') }) })
    expect(lines[0]?.error).to.deep.include({ code: 'EIO', message: 'Gone.' })
    expect(lines[0]).to.have.nested.property('error.cause.message', 'bad sector')
  })
})

describe('The metrics of a real machine', () => {
  it('are rendered as Prometheus reads them', async () => {
    const metrics = createNodeMetrics()
    const calls = metrics.counter('welkin_test_calls_total', { help: 'Calls.', labels: ['call'] })
    calls.add(2, { call: 'stat' })
    calls.add(undefined, { call: 'list' })
    metrics.gauge('welkin_test_peers', { help: 'Peers.' }).set(7)
    metrics.histogram('welkin_test_wait_seconds', { help: 'Waits.', buckets: [0.1, 1] }).observe(0.5)
    const text = await metrics.render()
    expect(metrics.contentType).to.contain('text/plain')
    for (const line of [
      'welkin_test_calls_total{call="stat"} 2', 'welkin_test_calls_total{call="list"} 1', 'welkin_test_peers 7',
      'welkin_test_wait_seconds_bucket{le="0.1"} 0', 'welkin_test_wait_seconds_bucket{le="1"} 1',
      'welkin_test_wait_seconds_sum 0.5'
    ]) expect(text.split('\n')).to.include(line)
  })

  it('are of one node only', async () => {
    createNodeMetrics().gauge('welkin_test_peers', { help: 'Peers.' }).set(1)
    expect(await createNodeMetrics().render()).to.not.contain('welkin_test_peers')
  })
})
