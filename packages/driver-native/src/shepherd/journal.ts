import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { CloudError, type ObjectId } from '@welkin/interface'
import { asCloudError, systemCode } from '@welkin/platform-node/faults'
import type { Trace } from '../protocol.ts'

/** It is rewritten when it has grown to this, or to this many times what is worth keeping. */
const REWRITTEN_BYTES_MIN = 1024 * 1024
const REWRITTEN_FACTOR = 4

/**
 * The last trace of every object that is not forgotten, one line each, newest last. One file for all, since making a
 * file for each task costs a hundred times what a line here does. It survives the death of any process, but not a power
 * cut, which no task survives either. Written synchronously: whoever hears of a trace can rely on it being there.
 */
export class Journal {
  readonly #path: string
  readonly #traces: Map<ObjectId, Trace>
  #file: number
  #bytes = 0
  #rewriteAtBytes = 0
  /** Whether the file may lack something, or end amid a line. */
  #torn: boolean

  /** Reads what is there. Throws the machine's own error. */
  constructor (path: string) {
    this.#path = path
    this.#traces = readTraces(path)
    this.#file = openSync(path, 'a', 0o600)
    this.#torn = true // perhaps; the first line is written with all others
  }

  get (id: ObjectId): Trace | undefined {
    return this.#traces.get(id)
  }

  traces (): Trace[] {
    return [...this.#traces.values()]
  }

  /** Throws ENOSPC, EIO: then it is known here, and written by the next call that finds room. */
  put (trace: Trace): void {
    this.#traces.set(trace.id, trace)
    this.#append(JSON.stringify(trace))
  }

  /** Throws as `put` does. */
  forget (id: ObjectId): void {
    if (this.#traces.delete(id)) this.#append(JSON.stringify({ forgotten: id }))
  }

  #append (line: string): void {
    try {
      if (this.#torn || this.#bytes >= this.#rewriteAtBytes) {
        const previous = this.#file
        this.#file = this.#rewrite()
        closeSync(previous)
      } else {
        this.#bytes += writeWhole(this.#file, `${line}\n`)
      }
      this.#torn = false
    } catch (error) {
      this.#torn = true
      throw asCloudError(error, 'The journal of tasks could not be written')
    }
  }

  /** Puts a new file in place of the old one; returns its descriptor. */
  #rewrite (): number {
    const draft = `${this.#path}.draft`
    const file = openSync(draft, 'w', 0o600)
    try {
      this.#bytes = writeWhole(file, this.traces().map(trace => `${JSON.stringify(trace)}\n`).join(''))
      renameSync(draft, this.#path)
    } catch (error) {
      closeSync(file)
      throw error
    }
    this.#rewriteAtBytes = Math.max(REWRITTEN_BYTES_MIN, this.#bytes * REWRITTEN_FACTOR)
    return file
  }
}

function writeWhole (file: number, text: string): number {
  const size = Buffer.byteLength(text)
  if (size > 0 && writeSync(file, text) < size) {
    throw new CloudError('ENOSPC', 'The journal of tasks was written in part only: the disk is full.')
  }
  return size
}

function readTraces (path: string): Map<ObjectId, Trace> {
  const traces = new Map<ObjectId, Trace>()
  for (const line of readText(path).split('\n')) {
    const entry = parseLine(line)
    if (entry === undefined) continue
    if ('forgotten' in entry) traces.delete(entry.forgotten)
    else traces.set(entry.id, entry)
  }
  return traces
}

function readText (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return ''
    throw error
  }
}

// A line that was cut off by a full disk or a power cut is as if it had not been written.
function parseLine (line: string): Trace | { forgotten: ObjectId } | undefined {
  try {
    return JSON.parse(line) as Trace | { forgotten: ObjectId }
  } catch {
    return undefined
  }
}
