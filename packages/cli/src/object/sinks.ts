import type { OutputChunk, TaskExit } from '@welkin/interface'
import { printJson, write } from '../print/output.ts'
import { LinePrefix } from './line-prefix.ts'

/** Where an object's output goes. */
export interface Sink {
  take: (chunk: OutputChunk) => Promise<void>
  end: (exit: TaskExit) => Promise<void>
}

/** To our standard streams, byte by byte. */
export function plainSink (): Sink {
  return {
    take: async ({ stream, bytes }) => { await write(process[stream], bytes) },
    end: async () => {}
  }
}

/** To our standard streams, each line after the object's name. */
export function prefixedSink (name: string): Sink {
  const lines = { stdout: new LinePrefix(`${name} | `), stderr: new LinePrefix(`${name} | `) }
  return {
    take: async ({ stream, bytes }) => { await write(process[stream], lines[stream].take(bytes)) },
    end: async () => {
      await write(process.stdout, lines.stdout.rest())
      await write(process.stderr, lines.stderr.rest())
    }
  }
}

/** One JSON value a line: the items of `attach`, each with the id of its object. */
export function jsonSink (id: string): Sink {
  return {
    take: async chunk => { await printJson({ object: id, kind: 'output', ...chunk }) },
    end: async exit => { await printJson({ object: id, kind: 'exit', exit }) }
  }
}
