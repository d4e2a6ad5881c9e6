import { expect } from 'chai'
import { formatMeasured } from '../../src/commands/measure.ts'

const GIB = 2 ** 30

const ABILITIES = {
  signals: true, input: true, exec: true, limits: { cpu: 'hard', memory: 'none' }, checkpoint: 'stop',
  survivesDaemon: true
} as const

describe('what was measured', () => {
  it('is facts, drivers with what they can do, and ways', () => {
    const text = formatMeasured({
      node: 'id-n1',
      machine: {
        hostname: 'vm', os: 'linux', kernel: '6.1', arch: 'x64', cpuCount: 2, cpuModel: 'Old', memoryBytes: GIB
      },
      load: {
        cpuBusyRatio: 0.5, load1m: 1.25, memoryFreeBytes: GIB / 2, pressure: { cpu: 0.004, io: 0.25 },
        network: { receivedBytesPerSecond: 2048, sentBytesPerSecond: 0 }
      },
      drivers: [
        { name: 'native', health: 'healthy', attributes: { cgroups: 'v2', modules: '' }, abilities: ABILITIES },
        {
          name: 'vm', health: 'absent', reason: 'no qemu', attributes: {},
          abilities: {
            signals: false, input: false, exec: false, limits: { cpu: 'none', memory: 'none' }, checkpoint: 'none',
            survivesDaemon: false
          }
        }
      ],
      peers: [
        { node: 'id-n2', rttMs: 3.9, rttMsMin: 0.88, lossRatio: 0, bandwidthBytesPerSecond: 13 * 2 ** 20 },
        { node: 'id-n3', lossRatio: 1 }
      ]
    }, id => id.replace('id-', ''))
    expect(text.split('\n').map(line => line.replaceAll(/ {2,}/g, ' | '))).to.deep.equal([
      'node | n1 (id-n1)', 'machine | vm linux 6.1 x64', 'cpus | 2, Old', 'memory | 1.0 GiB', 'cpus busy | 50 %',
      'load average | 1.25', 'memory free | 512 MiB', 'pressure | cpu <1 %, io 25 %',
      'network | in 2.0 KiB/s, out 0 B/s',
      '', 'DRIVER | HEALTH | CAN | ATTRIBUTES',
      'native | healthy | signals, input, exec, cpu limits, checkpoints (stop), outlives the daemon | cgroups=v2',
      'vm | absent: no qemu | - | -',
      '', 'PEER | RTT | LEAST | LOSS | BANDWIDTH',
      'n2 | 3.9 ms | 0.88 ms | 0 % | 13 MiB/s', 'n3 | - | - | 100 % | -', ''
    ])
  })
})
