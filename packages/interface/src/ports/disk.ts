/** One change of a batch; `value` undefined deletes. */
export interface RecordChange { key: string, value: Uint8Array | undefined }

/** Small durable state: an ordered map from text keys to bytes. */
export interface Records {
  get (key: string): Promise<Uint8Array | undefined>
  /** All entries whose key begins with `prefix`, in ascending order of code units. */
  list (prefix: string): Promise<Array<{ key: string, value: Uint8Array }>>
  /** All or nothing; resolves when it will survive a power cut. Rejects ENOSPC, EIO, with nothing changed. */
  write (changes: readonly RecordChange[]): Promise<void>
}

/** A file that is being written. It has no name, and is gone after a crash, until `commit`. */
export interface FileDraft {
  append (bytes: Uint8Array): Promise<void>
  /** Gives the file its name, in place of any of that name; resolves when it will survive a power cut. */
  commit (name: string): Promise<void>
  /** Leaves nothing behind. */
  discard (): Promise<void>
}

const FILE_NAME_PART = /^[a-z0-9._-]+$/

/** Whether `name` is a path of `[a-z0-9._-]+` parts joined by `/`, none of them `.` or `..`. */
export function isFileName (name: string): boolean {
  return name.split('/').every(part => FILE_NAME_PART.test(part) && part !== '.' && part !== '..')
}

/** Bulk state: named files, written once. Names: see `isFileName`; any other rejects EINVAL. */
export interface Files {
  create (): Promise<FileDraft>
  /** Bytes, or undefined where there is no such file. */
  size (name: string): Promise<number | undefined>
  /**
   * Rejects ENOENT. Reads `length` bytes (default: to the end) from `from` (default: 0)
   * in pieces of its own choice.
   */
  read (name: string, range?: { from?: number, length?: number | undefined }): AsyncIterable<Uint8Array>
  /** Removing what is not there is no error. */
  remove (name: string): Promise<void>
  /** Names that begin with `prefix`, sorted. */
  list (prefix: string): Promise<string[]>
  /** Where a process of this machine reads the file, or undefined when there is no such place. */
  localPath (name: string): string | undefined
}

/** The node's disk. At a power cut, what had not resolved is there, lost, or (files: never, drafts: always) cut off. */
export interface Disk {
  readonly records: Records
  readonly files: Files
  /** Lets go of the disk for the next life of the node; what was resolved stays. */
  close (): Promise<void>
}
