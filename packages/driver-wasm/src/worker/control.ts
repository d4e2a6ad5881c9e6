/** Numbers that a worker and the daemon share. */
export const CONTROL = {
  /** Changes whenever the worker is to look up; it waits for that. */
  bell: 0,
  /** 1: there are messages to be read. */
  news: 1,
  /** Pages of the program's memory. */
  memoryPages: 2,
  /** Kibibytes of the files that it keeps. */
  fileKibibytes: 3,
  /** Bytes of output that the daemon has not taken yet. */
  untakenBytes: 4,
  /** The page that the daemon asks a stopped program for, counted from 1; 0: none. */
  asked: 5,
  /** The first page that lies in the window, counted from 1; below 0: there is none. */
  answered: 6
} as const

const COUNT = 8

/** Pages of a state that are handed over at a time. */
export const WINDOW_PAGES = 16

export function makeControl (): Int32Array {
  return new Int32Array(new SharedArrayBuffer(COUNT * Int32Array.BYTES_PER_ELEMENT))
}

export function ring (control: Int32Array): void {
  Atomics.add(control, CONTROL.bell, 1)
  Atomics.notify(control, CONTROL.bell)
}
