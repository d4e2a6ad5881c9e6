import { expect } from 'chai'
import fc from 'fast-check'
import { byteRates, type ByteCounts } from '../../src/machine/byte-rates.ts'
import { busyRatio, parseCpuTimes } from '../../src/machine/cpu-times.ts'
import { parseDisks } from '../../src/machine/disks.ts'
import { parseInterfaces } from '../../src/machine/network.ts'
import { parsePressure } from '../../src/machine/pressure.ts'

/** A file of /proc, its margin taken off. */
const file = (text: string): string => text.replaceAll(/^ {4}\|/gm, '').trimStart()

describe('the CPU times of /proc/stat', () => {
  it('are those of all CPUs together: idle and waiting for a disk is not busy, stolen is, guests count once', () => {
    const stat = file(`
    |cpu  100 20 30 400 50 6 7 8 90 10
    |cpu0 50 10 15 200 25 3 3 4 45 5
    |intr 123 0 9
    |`)
    expect(parseCpuTimes(stat)).to.deep.equal({ busy: 100 + 20 + 30 + 6 + 7 + 8, total: 621 })
  })

  it('are told by the four fields of an old kernel, too', () => {
    expect(parseCpuTimes('cpu 1 2 3 4\n')).to.deep.equal({ busy: 6, total: 10 })
  })

  it('are none where the file is another', () => {
    for (const text of ['', 'cpu\n', 'cpu  x y\n', 'cpu0 1 2 3 4\n', 'cpu  1 2 -3 4\n']) {
      expect(parseCpuTimes(text), text).to.equal(undefined)
    }
  })

  it('give a busy share that is never below 0 or above 1, and none within a tick', () => {
    expect(busyRatio({ busy: 10, total: 100 }, { busy: 15, total: 120 })).to.equal(0.25)
    expect(busyRatio({ busy: 10, total: 100 }, { busy: 10, total: 100 })).to.equal(undefined)
    expect(busyRatio({ busy: 10, total: 100 }, { busy: 5, total: 110 }), 'idle went back').to.equal(0)
    expect(busyRatio({ busy: 10, total: 100 }, { busy: 30, total: 110 }), 'waiting went back').to.equal(1)
  })
})

describe('the pressure of /proc/pressure', () => {
  it('is the share of ten seconds in which some task waited', () => {
    const text = file(`
    |some avg10=12.50 avg60=5.00 avg300=1.00 total=5241725
    |full avg10=3.00 avg60=0.00 avg300=0.00 total=0
    |`)
    expect(parsePressure(text)).to.equal(0.125)
    expect(parsePressure('some avg10=100.00 avg60=1.00 avg300=1.00 total=1\n')).to.equal(1)
  })

  it('is none where the file is another', () => {
    for (const text of ['', 'some\n', 'some avg10= avg60=1\n', 'full avg10=1.00 avg60=0\n', 'some avg10=-1 avg60=0']) {
      expect(parsePressure(text), text).to.equal(undefined)
    }
  })
})

describe('the interfaces of /proc/net/dev', () => {
  const text = file(`
    |Inter-|   Receive                                                |  Transmit
    | face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
    |    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0
    |  eth0: 116005135    3669    0    0    0     0          0         0   507578    3023    0    0    0     0       0
    |wlp3s0:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
    |`)

  it('count what they receive and send, but for loopback', () => {
    expect([...parseInterfaces(text)]).to.deep.equal([['eth0', [116005135, 507578]], ['wlp3s0', [7, 8]]])
  })

  it('are skipped where their line says nothing', () => {
    const torn = 'eth0: 1 2 3\neth1: many 0 0 0 0 0 0 0 9\neth2\neth3: 1 0 0 0 0 0 0 0 2\n'
    expect([...parseInterfaces(torn)]).to.deep.equal([['eth3', [1, 2]]])
    expect(parseInterfaces('').size).to.equal(0)
  })
})

describe('the disks of /proc/diskstats', () => {
  it('count what is read and written, partitions and stacked devices left out', () => {
    const text = file(`
    |   7       0 loop0 50 0 700 3 0 0 0 0 0 16 3
    | 254       0 vda 40140 8465 1000 6620 7312 36635 2000 3607 0 5648 10416 3602 70 82952 161 926 27
    | 254       1 vda1 300 0 900 1 2 0 1900 1 0 0 0
    | 259       0 nvme0n1 10 0 10 1 2 0 20 1 0 0 0
    | 259       1 nvme0n1p1 10 0 9 1 2 0 19 1 0 0 0
    | 259       3 nvme0n12 10 0 1 1 2 0 2 1 0 0 0
    | 253       0 dm-0 10 0 10 1 2 0 20 1 0 0 0
    |   9       0 md0 10 0 10 1 2 0 20 1 0 0 0
    | 202       1 xvdb1 10 0 3 1 2 0 4 1 0 0 0
    |`)
    expect([...parseDisks(text)]).to.deep.equal([
      ['vda', [512_000, 1_024_000]], ['nvme0n1', [5120, 10_240]], ['nvme0n12', [512, 1024]], ['xvdb1', [1536, 2048]]
    ])
  })

  it('are skipped where their line says nothing', () => {
    expect([...parseDisks('8 0 sda 1 2 3\n8 16 sdb a b c d e f g\n\n')]).to.deep.equal([])
  })
})

describe('byte rates', () => {
  const counts = (entries: Record<string, readonly [number, number]>): ByteCounts => new Map(Object.entries(entries))

  it('are the sums over the devices that are in both readings, per second', () => {
    const before = counts({ a: [100, 0], b: [0, 50], gone: [7, 7] })
    const now = counts({ a: [300, 10], b: [0, 150], come: [1e9, 1e9] })
    expect(byteRates(before, now, 500)).to.deep.equal({ inward: 400, outward: 220 })
  })

  it('are no less for a device whose count was started anew', () => {
    expect(byteRates(counts({ a: [1000, 5], b: [0, 0] }), counts({ a: [3, 6], b: [8, 0] }), 1000))
      .to.deep.equal({ inward: 8, outward: 1 })
  })

  it('are finite and not negative for any text that a kernel may write', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, now) => {
      for (const parse of [parseInterfaces, parseDisks]) {
        const { inward, outward } = byteRates(parse(before), parse(now), 1)
        expect(inward).to.be.at.least(0).and.below(Infinity)
        expect(outward).to.be.at.least(0).and.below(Infinity)
      }
    }))
  })
})
