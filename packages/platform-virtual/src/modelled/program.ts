import { CloudError, type OutputStream } from '@welkin/interface'

/**
 * What a modelled task does. The language of its argv, which has no loops and no variables:
 *
 *     exit CODE           ends at once
 *     print TEXT          writes TEXT to standard output
 *     complain TEXT       writes TEXT to standard error
 *     cat [PATH]          writes a file of its directory, or what it is given as input
 *     write PATH TEXT     writes a file in its directory
 *     printenv NAME       writes the value of an environment variable
 *     sleep SECONDS       waits
 *     run [OPTIONS]       works, with any of:
 *       --seconds S         for so long, if it gets the CPU it wants (default 0)
 *       --cpu C             CPUs it wants meanwhile (default 1)
 *       --memory BYTES      memory it has meanwhile (default 1 MiB)
 *       --print TEXT        written at the beginning
 *       --output-bytes N    written in ten equal pieces over its time
 *       --exit CODE         its status in the end (default 0)
 *       --ignore-term       only SIGKILL ends it before
 *       --dirty BYTES       memory it writes to a second, round and round (default 0)
 *       --count MS          writes a line every so often: 1, 2, 3, …
 */
export interface Program {
  seconds: number
  cpu: number
  memoryBytes: number
  outputBytes: number
  dirtyBytesPerSecond: number
  /** Milliseconds between lines that count; 0: it does not count. */
  countMs: number
  exitCode: number
  ignoresTerm: boolean
  /** What it does first; a code it returns becomes its exit status in place of `exitCode`. */
  begin: (surroundings: Surroundings) => number | undefined
  /** Goes on until its input ends, and copies it. */
  copiesInput: boolean
}

/** What a program touches. */
export interface Surroundings {
  env: Readonly<Record<string, string>>
  files: Map<string, Uint8Array>
  print: (stream: OutputStream, bytes: Uint8Array) => void
}

const IDLE: Program = {
  seconds: 0,
  cpu: 0,
  memoryBytes: 1024 * 1024,
  outputBytes: 0,
  dirtyBytesPerSecond: 0,
  countMs: 0,
  exitCode: 0,
  ignoresTerm: false,
  begin: () => undefined,
  copiesInput: false
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

type Parse = (args: readonly string[]) => Program

const PROGRAMS: Readonly<Record<string, Parse>> = {
  exit: ([code]) => ({ ...IDLE, exitCode: numberOf('CODE', code) }),
  print: ([text = '']) => ({ ...IDLE, begin: printing('stdout', text) }),
  complain: ([text = '']) => ({ ...IDLE, begin: printing('stderr', text) }),
  cat: ([path]) => path === undefined ? { ...IDLE, copiesInput: true } : { ...IDLE, begin: printingFile(path) },
  write: ([path = '', text = '']) => ({ ...IDLE, begin: writing(path, text) }),
  printenv: ([name = '']) => ({ ...IDLE, begin: ({ env, print }) => { print('stdout', bytesOf(env[name] ?? '')) } }),
  sleep: ([seconds]) => ({ ...IDLE, seconds: numberOf('SECONDS', seconds) }),
  run: parseRun
}

/** Rejects ENOENT for a program that is not there, EINVAL for arguments it does not take. */
export function parseProgram (argv: readonly string[]): Program {
  const [name = '', ...args] = argv
  const parse = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
  if (parse === undefined) {
    const known = Object.keys(PROGRAMS).join(', ')
    throw new CloudError('ENOENT', `No modelled program is called ${name}; there are ${known}.`)
  }
  return parse(args)
}

function parseRun (args: readonly string[]): Program {
  const program = { ...IDLE, cpu: 1 }
  const left = [...args]
  for (let option = left.shift(); option !== undefined; option = left.shift()) {
    if (option === '--ignore-term') program.ignoresTerm = true
    else if (option === '--print') program.begin = printing('stdout', left.shift() ?? '')
    else if (option === '--seconds') program.seconds = numberOf(option, left.shift())
    else if (option === '--cpu') program.cpu = numberOf(option, left.shift())
    else if (option === '--memory') program.memoryBytes = numberOf(option, left.shift())
    else if (option === '--output-bytes') program.outputBytes = numberOf(option, left.shift())
    else if (option === '--dirty') program.dirtyBytesPerSecond = numberOf(option, left.shift())
    else if (option === '--count') program.countMs = numberOf(option, left.shift())
    else if (option === '--exit') program.exitCode = numberOf(option, left.shift())
    else throw new CloudError('EINVAL', `The modelled program run has no option ${option}.`)
  }
  return program
}

function numberOf (what: string, text: string | undefined): number {
  const value = Number(text ?? Number.NaN)
  if (!Number.isFinite(value) || value < 0) throw new CloudError('EINVAL', `${what} must be a number, 0 or more.`)
  return value
}

function printing (stream: OutputStream, text: string): Program['begin'] {
  return ({ print }) => { print(stream, bytesOf(text)) }
}

function printingFile (path: string): Program['begin'] {
  return ({ files, print }) => {
    const content = files.get(path)
    print(content === undefined ? 'stderr' : 'stdout', content ?? bytesOf(`cat: ${path}: no such file\n`))
    return content === undefined ? 1 : undefined
  }
}

function writing (path: string, text: string): Program['begin'] {
  return ({ files }) => { files.set(path, bytesOf(text)) }
}
