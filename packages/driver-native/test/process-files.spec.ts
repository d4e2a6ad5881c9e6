import { expect } from 'chai'
import { parseIo, parseMemory, parseStat } from '../src/proc/process-files.ts'

const STAT = '4242 (tmux: server) S 1 4242 4242 0 -1 4194624 1183 3421 0 0 151 77 300 22 20 0 1 0 8813 8458240 ' +
  '1044 18446744073709551615 94043 94044 140 0 0 0 0 4096 134433281 0 0 0 17 1 0 0 0 0 0 94 95 96 140 141 142 143 0\n'

describe('the files of a process', () => {
  it('tell its kin, its start and its CPU time, its own and that of the children it has waited for', () => {
    expect(parseStat(STAT)).to.deep.equal({
      state: 'S', parent: 1, session: 4242, ownSeconds: 2.28, childrenSeconds: 3.22, startTicks: 8813
    })
  })

  it('may have any name of a program in them', () => {
    expect(parseStat(STAT.replace('tmux: server', 'a) Z 7 (b'))).to.deep.equal(parseStat(STAT))
  })

  it('tell what memory it has, and has had', () => {
    const status = 'Name:\tnode\nVmPeak:\t  100 kB\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nRssAnon:\t 1 kB\n'
    expect(parseMemory(status)).to.deep.equal({ bytes: 1048576, bytesMax: 2097152 })
  })

  it('tell what it has read from disks and written to them', () => {
    const io = 'rchar: 323934931\nwchar: 323929600\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n'
    expect(parseIo(io)).to.deep.equal({ readBytes: 4096, writtenBytes: 8192 })
  })

  it('tell nothing where there is no process, no memory, no permission, or part of a file only', () => {
    for (const text of ['', 'Name:\tkthreadd\n', '42 (sh', '42 (sh) R 1 42 42 0 -1', 'VmRSS:\t many kB\n']) {
      expect([parseStat(text), parseMemory(text), parseIo(text)], text).to.deep.equal([undefined, undefined, undefined])
    }
  })
})
