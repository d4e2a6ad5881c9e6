import { expect } from 'chai'
import { seccompFilter } from '../src/isolation/seccomp.ts'

const ALLOWED = 0x7fff0000
const EPERM = 0x00050001
const ENOSYS = 0x00050026

/** What the kernel would do with a call: the few instructions of classic BPF that the filter is made of. */
function answerTo (filter: Uint8Array, call: { arch: number, number: number, first?: number }): number {
  const view = new DataView(filter.buffer)
  const data = new Map([[0, call.number], [4, call.arch], [16, call.first ?? 0]])
  let register = 0
  for (let at = 0; at < filter.length / 8; at++) {
    const [code, value] = [view.getUint16(at * 8, true), view.getUint32(at * 8 + 4, true)]
    const jump = (holds: boolean): void => { at += view.getUint8(at * 8 + (holds ? 2 : 3)) }
    if (code === 0x20) register = data.get(value) ?? -1
    else if (code === 0x15) jump(register === value)
    else if (code === 0x35) jump(register >= value)
    else if (code === 0x45) jump((register & value) !== 0)
    else if (code === 0x06) return value
    else throw new Error(`There is an instruction ${code}.`)
  }
  throw new Error('The filter has no end.')
}

const MACHINES = [
  { architecture: 'x64', arch: 0xc000003e, read: 0, execve: 59, mount: 165, unshare: 272, bpf: 321, clone: 56 },
  { architecture: 'arm64', arch: 0xc00000b7, read: 63, execve: 221, mount: 40, unshare: 97, bpf: 280, clone: 220 }
] as const

describe('a filter of system calls', () => {
  for (const { architecture, arch, read, execve, mount, unshare, bpf, clone } of MACHINES) {
    it(`lets programs of ${architecture} work, and nothing be done to the kernel`, () => {
      const filter = seccompFilter(architecture) as Uint8Array
      for (const number of [read, execve]) expect(answerTo(filter, { arch, number })).to.equal(ALLOWED)
      for (const number of [mount, unshare, bpf]) expect(answerTo(filter, { arch, number })).to.equal(EPERM)
      expect(answerTo(filter, { arch, number: 435 }), 'clone3').to.equal(ENOSYS)
      const threads = 0x3d0f00
      expect(answerTo(filter, { arch, number: clone, first: threads })).to.equal(ALLOWED)
      expect(answerTo(filter, { arch, number: clone, first: 0x10000000 | 17 })).to.equal(EPERM)
      expect(answerTo(filter, { arch: 0x40000003, number: read }), 'of another machine').to.equal(ENOSYS)
    })
  }

  it('is not made up for machines that are not known', () => {
    expect(seccompFilter('riscv64')).to.equal(undefined)
    expect(answerTo(seccompFilter('x64') as Uint8Array, { arch: 0xc000003e, number: 0x40000000 })).to.equal(ENOSYS)
  })
})
