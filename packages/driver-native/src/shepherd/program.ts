import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { CloudError } from '@welkin/interface'
import { asCloudError, systemCode } from '@welkin/platform-node/faults'

/** As much of a program as the kernel looks at. */
const HEAD_BYTES = 256
const ELF_MACHINE_AT = 18
const BINARY_FORMATS = '/proc/sys/fs/binfmt_misc'

/**
 * The path of the program that `name` means to a process with this working directory and PATH. Throws ENOENT, EACCES,
 * ENOEXEC. All this could be left to exec, which on most systems gives a program of no known format to the shell, and
 * says ENOENT when only its interpreter is missing; here each gets its own, clear error. Synchronous, as the spawn is.
 */
export function findProgram (name: string, workDirectory: string, searchPath: string): string {
  const program = name.includes('/') ? resolve(workDirectory, name) : searchProgram(name, workDirectory, searchPath)
  checkExecutable(program, name)
  checkFormat(program, name, workDirectory)
  return program
}

function searchProgram (name: string, workDirectory: string, searchPath: string): string {
  for (const directory of searchPath.split(':')) {
    const candidate = join(isAbsolute(directory) ? directory : resolve(workDirectory, directory), name)
    if (isFile(candidate)) return candidate
  }
  throw new CloudError('ENOENT', `There is no program "${name}" in ${searchPath}; install it, or give its path.`)
}

function isFile (path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true
  } catch {
    return false // a part of PATH that cannot be looked into holds no program for us
  }
}

function checkExecutable (program: string, name: string): void {
  try {
    if (!statSync(program).isFile()) throw new CloudError('EACCES', `"${name}" is not a file and cannot be run.`)
    accessSync(program, constants.X_OK)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') throw new CloudError('ENOENT', `There is no program at "${name}"; check the path.`)
    if (code === 'EACCES') throw new CloudError('EACCES', `"${name}" may not be run; mark it executable.`)
    throw asCloudError(error, `"${name}" cannot be run`)
  }
}

function checkFormat (program: string, name: string, workDirectory: string): void {
  const head = readHead(program)
  if (head === undefined || isNative(head) || knowsOtherFormats()) return
  if (head.toString('latin1', 0, 2) === '#!') {
    checkInterpreter(head, name, workDirectory)
    return
  }
  throw new CloudError('ENOEXEC', `"${name}" is not a program of this machine; ` +
    'give one that was built for it, or a script whose first line names its interpreter, as in "#!/bin/sh".')
}

function checkInterpreter (head: Buffer, name: string, workDirectory: string): void {
  const [interpreter = ''] = (head.toString('utf8', 2).split('\n')[0] as string).trim().split(/\s/)
  if (interpreter !== '' && isFile(resolve(workDirectory, interpreter))) return
  throw new CloudError('ENOENT', `"${name}" asks for the interpreter "${interpreter}", which is not there; install it.`)
}

/** Undefined for a program that may be run and not read. */
function readHead (program: string): Buffer | undefined {
  try {
    const file = openSync(program, 'r')
    const head = Buffer.alloc(HEAD_BYTES)
    try {
      return head.subarray(0, readSync(file, head))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (systemCode(error) === 'EACCES') return undefined
    throw asCloudError(error, `"${program}" could not be read`)
  }
}

let ownHead: Buffer | undefined

/** Whether a binary is of the format and for the processor of the one that runs here, or of an older sibling of it. */
function isNative (head: Buffer): boolean {
  ownHead ??= readHead(process.execPath) ?? Buffer.alloc(HEAD_BYTES)
  if (head.byteLength < ELF_MACHINE_AT + 2 || head.readUInt32BE(0) !== ownHead.readUInt32BE(0)) return false
  if (process.platform !== 'linux') return true
  const machine = head.readUInt16LE(ELF_MACHINE_AT)
  return machine === ownHead.readUInt16LE(ELF_MACHINE_AT) || machine === SIBLING_MACHINES[process.arch]
}

/** ELF's numbers of the 32-bit processors that the 64-bit ones can be. */
const SIBLING_MACHINES: Readonly<Record<string, number>> = { x64: 3, arm64: 40 }

let otherFormats: boolean | undefined

/** Whether this machine was taught formats of its owner's choice. */
function knowsOtherFormats (): boolean {
  if (otherFormats === undefined) {
    try {
      otherFormats = readdirSync(BINARY_FORMATS).some(name => name !== 'register' && name !== 'status')
    } catch {
      otherFormats = false // not mounted, or not this kind of system
    }
  }
  return otherFormats
}
