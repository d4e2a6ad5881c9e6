/** Error numbers of WASI preview 1. */
export const ERRNO = {
  success: 0,
  acces: 2,
  addrinuse: 3,
  again: 6,
  badf: 8,
  connrefused: 14,
  connreset: 15,
  exist: 20,
  fault: 21,
  fbig: 22,
  hostunreach: 23,
  intr: 27,
  inval: 28,
  io: 29,
  isdir: 31,
  loop: 32,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nospc: 51,
  nosys: 52,
  notconn: 53,
  notdir: 54,
  notempty: 55,
  notsock: 57,
  notsup: 58,
  perm: 63,
  pipe: 64,
  spipe: 70,
  timedout: 73,
  xdev: 75,
  notcapable: 76
} as const

export type Errno = keyof typeof ERRNO

/** Thrown within this room for what the program is told by an error number. */
export class WasiFault extends Error {
  readonly errno: Errno

  constructor (errno: Errno) {
    super(errno)
    this.errno = errno
  }
}
