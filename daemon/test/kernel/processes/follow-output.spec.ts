import { expect } from 'chai'
import type { OutputChunk, OutputPosition, TaskOutput } from '@welkin/interface'
import { followOutput } from '../../../src/kernel/processes/follow-output.ts'

const encoder = new TextEncoder()

/** One stream of output that a test writes by hand. */
class WrittenOutput implements TaskOutput {
  readonly watchers = new Set<() => void>()
  #text = ''

  write (text: string): void {
    this.#text += text
    for (const watcher of this.watchers) watcher()
  }

  async read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]> {
    const bytes = encoder.encode(this.#text.slice(from.stdout, from.stdout + bytesMax))
    return bytes.length === 0 ? [] : [{ stream: 'stdout', offset: from.stdout, bytes }]
  }

  async size (): Promise<OutputPosition> {
    return { stdout: this.#text.length, stderr: 0 }
  }

  watch (watcher: () => void) {
    this.watchers.add(watcher)
    return () => { this.watchers.delete(watcher) }
  }
}

function following (output: WrittenOutput, follow: boolean) {
  const state = { ended: false, change: () => {} }
  const stop = new AbortController()
  const chunks = followOutput(output, {
    from: { stdout: 0, stderr: 0 }, follow, signal: stop.signal, hasEnded: () => state.ended,
    onChange: listener => { state.change = listener; return () => {} }
  })
  return { chunks, state, stop }
}

async function textOf (chunks: AsyncIterable<OutputChunk>): Promise<string> {
  let text = ''
  for await (const { bytes } of chunks) text += new TextDecoder().decode(bytes)
  return text
}

describe('following output', () => {
  it('ends with what is there when it is not to follow', async () => {
    const output = new WrittenOutput()
    output.write('one')
    expect(await textOf(following(output, false).chunks)).to.equal('one')
    expect(output.watchers.size).to.equal(0)
  })

  it('gives what comes later, to the last byte before the end, and then lets go', async () => {
    const output = new WrittenOutput()
    const { chunks, state } = following(output, true)
    output.write('one ')
    expect(new TextDecoder().decode((await chunks.next()).value?.bytes)).to.equal('one ')
    const rest = textOf(chunks)
    output.write('two ')
    output.write('three')
    state.ended = true
    state.change()
    expect(await rest).to.equal('two three')
    expect(output.watchers.size).to.equal(0)
  })

  it('ends without a fault when nobody wants it any more', async () => {
    const output = new WrittenOutput()
    const { chunks, stop } = following(output, true)
    const rest = textOf(chunks)
    stop.abort()
    expect(await rest).to.equal('')
    expect(output.watchers.size).to.equal(0)
  })
})
