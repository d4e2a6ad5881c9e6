import type { AbortOptions } from '../abort.ts'
import type { ErrorRecord } from '../errors.ts'
import type { BlobId, ObjectId } from '../ids.ts'
import type { Cancel } from './clock.ts'

/** What a driver can do; what it cannot, it refuses with ENOSYS. */
export interface DriverAbilities {
  /** Delivers POSIX signals. */
  signals: boolean
  /** Takes standard input. */
  input: boolean
  /** Runs a further program beside the task. */
  exec: boolean
  /** Who sees to it that limits hold: the machine (`hard`), or nobody. */
  limits: { cpu: 'hard' | 'none', memory: 'hard' | 'none' }
  /** What keeps tasks from the machine and from each other at the most: a sandbox, a user of their own, or nothing. */
  isolation: 'strict' | 'user' | 'none'
  /** `stop`: a stopped task's state; `live`: while it runs on, with pre-copy. */
  checkpoint: 'none' | 'stop' | 'live'
  /** Whether tasks outlive the daemon's death. */
  survivesDaemon: boolean
}

/** Whether a driver works on this machine, by its own probes. */
export interface DriverFacts {
  health: 'healthy' | 'unhealthy' | 'absent'
  /** Why not healthy, or what is missing for more (e.g. limits), and how to get it. */
  reason?: string
  attributes: Readonly<Record<string, string>>
}

/** A file that is put into the task's directory before it starts. */
export interface TaskFile {
  /** Relative path below the directory; never leaves it. */
  path: string
  executable: boolean
  /** Where a process of this machine can read the content, to be copied; never to be written. */
  localPath: string | undefined
  open (): AsyncIterable<Uint8Array>
}

/**
 * How far a task is kept from the machine and from other tasks: in a sandbox or not at all (`strict`), as far as the
 * machine can (`default`), not (`none`).
 */
export type Isolation = 'strict' | 'default' | 'none'

/** The network that a task has: that of the machine, or one of its own that leads nowhere, with or without loopback. */
export type TaskNetwork = 'host' | 'loopback' | 'none'

/** What a task may use; undefined: no limit but the driver's own. */
export interface TaskLimits {
  /** Share of CPUs. */
  cpu?: number | undefined
  memoryBytes?: number | undefined
  /** Processes and threads at a time. */
  processes?: number | undefined
  /** Open files of each process. */
  files?: number | undefined
  /** Size of each file that it writes. */
  fileBytes?: number | undefined
}

/** How a WebAssembly program is run. */
export interface WasmSettings {
  /** Where it can be taken up: anywhere (the default), where it makes calls that may wait, nowhere. */
  snapshotPoints?: 'anywhere' | 'calls' | 'none' | undefined
  /** It ends, as by SIGXCPU, when it has run about so many instructions. */
  fuel?: number | undefined
}

/** What to run. */
export interface TaskSpec {
  id: ObjectId
  /** 0 at first; one more at each restart in the same directory. */
  attempt: number
  /** The program and its arguments, as the driver understands them; never empty. */
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  files: readonly TaskFile[]
  limits: TaskLimits
  /** Default: `default`. A driver that cannot rejects ENOSYS. */
  isolation?: Isolation | undefined
  /** Default: `host`. */
  network?: TaskNetwork | undefined
  /** Whether standard input stays open for `write`; else it is empty. */
  input: boolean
  /** For the driver of that name. */
  wasm?: WasmSettings | undefined
}

/** How a task ended. */
export type TaskExit =
  | { kind: 'exited', code: number }
  | { kind: 'signaled', signal: string }
  | { kind: 'out-of-memory', limitBytes: number }
  /** It never ran. */
  | { kind: 'failed', error: ErrorRecord }
  /** It ran, or may have, and nobody saw how it ended. */
  | { kind: 'lost', reason: string }

export interface TaskEnd {
  exit: TaskExit
  /** Wall clock of the machine; undefined where nobody saw it. */
  endedAtMs?: number | undefined
  usage: TaskUsage
}

/**
 * What a task has used so far, with all its processes. Unknown values are left out, and of a task that has ended those
 * of the moment. How exact they are is the driver's to say.
 */
export interface TaskUsage {
  /** Never falls. */
  cpuSeconds?: number
  /** At the moment; memory that processes share may count for each of them. */
  memoryBytes?: number
  /** The most that is known of. */
  memoryBytesMax?: number
  /** Fetched from disks and sent to them, which caches spare; neither ever falls. */
  readBytes?: number
  writtenBytes?: number
  /** At the moment. */
  processes?: number
}

/** A task that runs. */
export interface Task {
  readonly id: ObjectId
  /** The main process where there is one. */
  readonly pid: number | undefined
  readonly startedAtMs: number
  /** Why it cannot be captured, where its driver can capture others; a part of a sentence. */
  readonly immovable?: string | undefined
  /** Resolves when `immovable` is not for its having just begun. Rejects as `signal` aborts. */
  whenMovable? (options: { signal: AbortSignal }): Promise<void>
  /** Settles once, never rejects. */
  readonly ended: Promise<TaskEnd>
  /** A POSIX name (`SIGHUP`) to the task's main process; ESRCH when it has ended, EINVAL for an unknown name. */
  signal (name: string): Promise<void>
  /** Asks all its processes to end (SIGTERM), and ends them after `graceMs`. Resolves at once; see `ended`. */
  stop (graceMs: number): Promise<void>
  /** Resolves when there is room for more; EPIPE when the task reads no more. */
  write (bytes: Uint8Array): Promise<void>
  endInput (): Promise<void>
  /** After the end, what `ended` tells. Rejects ECONNRESET when whoever watches over the task has just died. */
  usage (): Promise<TaskUsage>
  /** A further program in the task's surroundings, till it ends or `signal` aborts. */
  exec? (
    argv: readonly string[], options?: AbortOptions
  ): Promise<{ exit: TaskExit, stdout: Uint8Array, stderr: Uint8Array }>
  /**
   * Its state at this moment, while it runs on, or from which it stands still until `resume` or `leave`. Pages that
   * have not changed since the last capture cost nothing. Rejects ENOSYS with why this task cannot, ESRCH when it has
   * ended.
   */
  capture? (options: { stop: boolean }): Promise<TaskCapture>
  /** Goes on here after a capture that stopped it; a task that runs is none the worse. */
  resume? (): Promise<void>
  /**
   * It stands still by itself, whether or not the daemon lives, when this is not called again within `forMs`; then it
   * goes on with the next call. Tasks that die with their daemon can do without.
   */
  leash? (forMs: number): Promise<void>
  /** It goes on elsewhere from that capture, and is here no more; `ended` never settles. What has ended may leave. */
  leave? (): Promise<void>
}

/** Bytes of a page of a task's state. */
export const PAGE_BYTES = 65_536

/** What a program has given as its state: a file below its directory, a blob, or the bytes themselves. */
export interface GivenState { file?: string | undefined, blob?: BlobId | undefined, bytes?: Uint8Array | undefined }

/** Calls the other way, to programs that have registered for them by `handle`. */
export interface ProgramUpcalls {
  handles (object: ObjectId, upcall: string): boolean
  /** Resolves as soon as it does. Rejects as `signal` aborts. */
  whenHandled (object: ObjectId, upcall: string, options: { signal: AbortSignal }): Promise<void>
  /**
   * What the program answers to `checkpoint`, after which it stands still by itself until it hears `resume`. Rejects
   * with what it says instead, ESRCH, ECONNRESET (it has dropped its handler), as `signal` aborts.
   */
  askForState (object: ObjectId, options: { signal: AbortSignal }): Promise<GivenState>
  /** It goes on; one that is not there is no error. */
  resume (object: ObjectId): void
  /** The content of a blob, as far as the object may read it. Rejects ENOENT, EACCES, EIO, ENOSPC. */
  readBlob (object: ObjectId, blob: BlobId): AsyncIterable<Uint8Array>
}

/** All that a task is, between two of its steps. */
export interface TaskState {
  /** A few kilobytes, for drivers of the same name alone, on whatever machine. */
  readonly header: Uint8Array
  /** Its memory and files in pages of PAGE_BYTES, each by the SHA-256 of its content; '': nothing but zeros. */
  readonly pages: ReadonlyArray<BlobId | ''>
}

/** A state that was just taken, with the pages that changed since the last capture; released by the next one. */
export interface TaskCapture extends TaskState {
  /** What it has written so far, and what of it was in this state: output goes on from there. */
  readonly output: OutputPosition
  /** The content of a page of this state. Throws ENOENT when another capture has taken its place. */
  read (page: BlobId): Uint8Array
}

/** A task that could go on, and has not begun to. */
export interface RestoredTask {
  /**
   * It is to go on from this later state of the same task; `read` is asked only for pages that the state before had
   * not got. Rejects as `restore` does, and then it is discarded. Left out: it is discarded and restored anew.
   */
  renew? (
    state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<void>
  /** It runs from now on. Rejects EAGAIN, ESTALE (discarded). */
  start (): Promise<Task>
  /** It never will; what has been started is no worse for it. */
  discard (): Promise<void>
}

export type OutputStream = 'stdout' | 'stderr'

/** Bytes that a task wrote; `offset`: where they stand in the whole of that stream. */
export interface OutputChunk { stream: OutputStream, offset: number, bytes: Uint8Array }

/** What has been read so far of each stream, in bytes from its beginning. */
export interface OutputPosition { stdout: number, stderr: number }

/** What an object has written, during its life and after it, over all its attempts. */
export interface TaskOutput {
  /**
   * What stands at `from` and is there now, at most `bytesMax` in all; none: nothing new. Where rotation dropped what
   * is asked for, the first chunk's offset is larger than asked.
   */
  read (from: OutputPosition, bytesMax: number): Promise<OutputChunk[]>
  /** Where the streams end now. */
  size (): Promise<OutputPosition>
  /** Called soon after more was written. */
  watch (watcher: () => void): Cancel
}

/**
 * Runs tasks of one kind. A driver keeps what it must remember by itself; the kernel knows tasks by their object's id.
 * Nothing here depends on the daemon living on: see `recover`.
 */
export interface Driver {
  readonly name: string
  readonly abilities: DriverAbilities
  facts (): Promise<DriverFacts>
  /** Called once before any other call but `facts`. */
  start (): Promise<void>
  /** Lets go of all tasks; those that outlive the daemon run on. */
  stop (): Promise<void>
  /**
   * Resolves when the program runs.
   * Rejects ENOENT, EACCES, ENOEXEC, ENOSPC, ENOSYS, EAGAIN, EINVAL with nothing left running.
   */
  run (spec: TaskSpec): Promise<Task>
  /**
   * What became of the task that an earlier life of this node had;
   * undefined: it was never started or left no trace. Attempts before `attempt` do not count.
   */
  recover (id: ObjectId, attempt?: number): Promise<Task | TaskEnd | undefined>
  output (id: ObjectId): TaskOutput
  /** A file below the task's directory. Rejects ENOENT, EINVAL (not a regular file, or outside). */
  collect (id: ObjectId, path: string): AsyncIterable<Uint8Array>
  /** Forgets an ended task with all its files; what is not there is no error. */
  remove (id: ObjectId): Promise<void>
  /**
   * Makes ready what `capture` took, here or elsewhere. `read` gives pages, checked against their hash. Rejects ENOSYS,
   * EINVAL (no state of this driver, or of another program), ENOSPC, EAGAIN, and as `read` does, with nothing left.
   */
  restore? (
    spec: TaskSpec, state: TaskState & { output: OutputPosition }, read: (page: BlobId) => Promise<Uint8Array>
  ): Promise<RestoredTask>
}
