import { ERRNO } from '../errno.ts'
import type { Calls, CallContext } from '../context.ts'
import { ProgramEnd } from '../outside.ts'

/** By their numbers in WASI. */
export const SIGNALS = [
  '', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGKILL', 'SIGUSR1',
  'SIGSEGV', 'SIGUSR2', 'SIGPIPE', 'SIGALRM', 'SIGTERM', 'SIGCHLD', 'SIGCONT', 'SIGSTOP', 'SIGTSTP', 'SIGTTIN',
  'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGXFSZ', 'SIGVTALRM', 'SIGPROF', 'SIGWINCH', 'SIGPOLL', 'SIGPWR', 'SIGSYS'
]

/** Arguments, environment, chance, and the end. */
export function processCalls ({ memory, outside, state }: CallContext): Calls {
  return {
    args_get: (pointers: number, buffer: number) => putList(state.args, pointers, buffer),
    args_sizes_get: (count: number, size: number) => putSizes(state.args, count, size),
    environ_get: (pointers: number, buffer: number) => putList(state.environment, pointers, buffer),
    environ_sizes_get: (count: number, size: number) => putSizes(state.environment, count, size),
    random_get: (pointer: number, length: number) => {
      outside.random(memory.bytes(pointer, length))
      return ERRNO.success
    },
    proc_exit: (code: number) => { throw new ProgramEnd({ code: code & 0xff }) },
    proc_raise: (number: number) => {
      if (number === 0) return ERRNO.success
      const signal = SIGNALS[number]
      if (signal === undefined) return ERRNO.inval
      throw new ProgramEnd({ signal })
    }
  }

  function putList (texts: readonly string[], pointers: number, buffer: number): number {
    let at = buffer >>> 0
    for (const [nth, text] of texts.entries()) {
      memory.putU32((pointers >>> 0) + 4 * nth, at)
      at += memory.putText(at, `${text}\0`, Infinity)
    }
    return ERRNO.success
  }

  function putSizes (texts: readonly string[], count: number, size: number): number {
    memory.putU32(count, texts.length)
    memory.putU32(size, texts.reduce((sum, text) => sum + new TextEncoder().encode(text).length + 1, 0))
    return ERRNO.success
  }
}
