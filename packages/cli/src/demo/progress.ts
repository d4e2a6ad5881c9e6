import { SingleBar } from 'cli-progress'
import { note } from '../print/output.ts'

/** Tells how far something has come. */
export interface Progress {
  /** `amount` more is done. */
  advance: (amount: number) => void
  stop: () => void
}

/** A bar on a terminal; elsewhere a line at each quarter; on standard error. */
export function createProgress (what: string, total: number): Progress {
  return process.stderr.isTTY ? barProgress(what, total) : lineProgress(what, total)
}

function barProgress (what: string, total: number): Progress {
  const bar = new SingleBar({
    format: `${what} {bar} {percentage}%  {duration_formatted}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: process.stderr,
    // Ctrl-C is ours to handle.
    gracefulExit: false
  })
  bar.start(total, 0)
  return { advance: amount => { bar.increment(amount) }, stop: () => { bar.stop() } }
}

function lineProgress (what: string, total: number): Progress {
  let done = 0
  let quarters = 0
  return {
    advance: amount => {
      done += amount
      const reached = Math.floor(done / total * 4)
      if (reached > quarters) note(`${what} ${reached * 25}%`)
      quarters = reached
    },
    stop: () => {}
  }
}
