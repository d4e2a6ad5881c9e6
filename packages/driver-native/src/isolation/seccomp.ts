/** Why a call is refused, as the program is told (errno). */
const EPERM = 1
const ENOSYS = 38

/** Of a machine: how audit names it, and the numbers of its calls. */
interface Calls {
  arch: number
  clone: number
  /** As if the kernel did not know them: programs then do without. */
  unknown: readonly number[]
  refused: readonly number[]
  /** Numbers from here on are of another kind of program. */
  end: number | undefined
}

// Numbers that were given since Linux 5.1 are the same everywhere.
const IO_URING = [425, 426, 427]
const CLONE3 = 435
const MOUNTING = [428, 429, 430, 431, 432, 433, 442]

/**
 * What no task has a use for and what kernels were broken by: mounts and namespaces, modules, other kernels, BPF, keys
 * of the kernel, io_uring, userfaultfd, performance counters, the clock, quotas, file handles. By audit's names and the
 * kernel's tables (asm/unistd_64.h, asm-generic/unistd.h).
 */
const MACHINES: Partial<Record<NodeJS.Architecture, Calls>> = {
  x64: {
    arch: 0xc000003e, clone: 56, unknown: [CLONE3, ...IO_URING], end: 0x40000000,
    refused: [
      155, 159, 163, 164, 165, 166, 167, 168, 169, 172, 173, 175, 176, 179, 212, 227, 246, 248, 249, 250, 272, 298, 300,
      304, 305, 308, 313, 320, 321, 323, ...MOUNTING
    ]
  },
  arm64: {
    arch: 0xc00000b7, clone: 220, unknown: [CLONE3, ...IO_URING], end: undefined,
    refused: [
      18, 39, 40, 41, 60, 89, 97, 104, 105, 106, 112, 142, 170, 171, 217, 218, 219, 224, 225, 241, 262, 265, 266, 268,
      273, 280, 282, 294, ...MOUNTING
    ]
  }
}

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET (linux/sched.h). */
const NEW_NAMESPACES = 0x7e020000

/** Classic BPF (linux/filter.h), as seccomp has it. */
const LOAD = 0x20
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45
const RETURN = 0x06
/** Where struct seccomp_data has them (linux/seccomp.h). */
const NUMBER_AT = 0
const ARCH_AT = 4
const FIRST_ARGUMENT_AT = 16
const ALLOW = 0x7fff0000
const REFUSE = 0x00050000

type Instruction = [code: number, ifSo: number, ifNot: number, value: number]

/**
 * A filter of system calls, as bubblewrap takes it: those that no task has a use for are refused, all else is let pass.
 * Undefined for machines whose calls are not known here.
 */
export function seccompFilter (architecture: NodeJS.Architecture): Uint8Array | undefined {
  const calls = MACHINES[architecture]
  if (calls === undefined) return undefined
  const { arch, clone, end, refused, unknown } = calls
  const answer = (errno: number): Instruction => [RETURN, 0, 0, REFUSE + errno]
  const ifEqual = (value: number, then: Instruction): Instruction[] => [[JUMP_EQUAL, 0, 1, value], then]
  return assemble([
    [LOAD, 0, 0, ARCH_AT], [JUMP_EQUAL, 1, 0, arch], answer(ENOSYS),
    [LOAD, 0, 0, NUMBER_AT],
    ...end === undefined ? [] : [[JUMP_AT_LEAST, 0, 1, end] as Instruction, answer(ENOSYS)],
    ...unknown.flatMap(number => ifEqual(number, answer(ENOSYS))),
    ...refused.flatMap(number => ifEqual(number, answer(EPERM))),
    [JUMP_EQUAL, 0, 3, clone], [LOAD, 0, 0, FIRST_ARGUMENT_AT], [JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES], answer(EPERM),
    [RETURN, 0, 0, ALLOW]
  ])
}

function assemble (program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8)
  const view = new DataView(bytes.buffer)
  program.forEach(([code, ifSo, ifNot, value], at) => {
    view.setUint16(at * 8, code, true)
    view.setUint8(at * 8 + 2, ifSo)
    view.setUint8(at * 8 + 3, ifNot)
    view.setUint32(at * 8 + 4, value, true)
  })
  return bytes
}
