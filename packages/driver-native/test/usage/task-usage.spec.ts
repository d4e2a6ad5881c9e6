import { expect } from 'chai'
import { atEnd, withProcesses, type ProcessUsage } from '../../src/shepherd/usage/task-usage.ts'

const processOf = (cpuSeconds: number, bytes: number, bytesMax: number, io?: readonly [number, number]): ProcessUsage =>
  ({ cpuSeconds, memory: { bytes, bytesMax }, io: io && { readBytes: io[0], writtenBytes: io[1] } })

describe('the usage of a task', () => {
  it('is the sum over its processes, with the most memory that is known of', () => {
    expect(withProcesses({}, [processOf(1, 100, 150, [10, 20]), processOf(2, 200, 900, [1, 2])])).to.deep.equal({
      cpuSeconds: 3, memoryBytes: 300, memoryBytesMax: 900, readBytes: 11, writtenBytes: 22, processes: 2
    })
    expect(withProcesses({}, [processOf(0, 100, 150), processOf(0, 200, 200)]).memoryBytesMax).to.equal(300)
  })

  it('never falls when a process ends that nobody waited for', () => {
    const before = withProcesses({}, [processOf(1, 100, 100, [10, 20]), processOf(2, 200, 200, [1, 2])])
    expect(withProcesses(before, [processOf(1, 100, 100, [10, 20])])).to.deep.equal({
      cpuSeconds: 3, memoryBytes: 100, memoryBytesMax: 300, readBytes: 11, writtenBytes: 22, processes: 1
    })
  })

  it('says nothing of I/O that the kernel does not tell, and counts a process that has no memory left', () => {
    expect(withProcesses({}, [{ cpuSeconds: 1, memory: undefined, io: undefined }])).to.deep.equal({
      cpuSeconds: 1, memoryBytes: 0, memoryBytesMax: 0, processes: 1
    })
  })

  it('keeps in the end what lasts, with the CPU time that the task came to', () => {
    const last = withProcesses({}, [processOf(1, 100, 150, [10, 20])])
    expect(atEnd(last, 4)).to.deep.equal({ cpuSeconds: 4, memoryBytesMax: 150, readBytes: 10, writtenBytes: 20 })
    expect(atEnd({}, 0.5)).to.deep.equal({ cpuSeconds: 0.5 })
  })
})
