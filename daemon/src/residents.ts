import type { ObjectSpec, OutputFile } from '@welkin/abi'
import type {
  AbortOptions, BlobId, Cancel, CloudProcessId, Driver, NodeId, ObjectId, OutputChunk, OutputPosition, OutputStream,
  Task, TaskEnd, TaskExit, TaskOutput, TaskSpec, TaskUsage
} from '@welkin/interface'
import type { ObjectRights } from './dispatch/index.ts'

/** What a node remembers of an object over its own restarts. */
export interface ObjectRecord {
  readonly id: ObjectId
  readonly cp: CloudProcessId
  readonly name: string | undefined
  readonly spec: ObjectSpec
  readonly spawnedAtMs: number
  /** Proves that a caller is this object. */
  readonly token: string
  /** Counts restarts. */
  attempt: number
  /** Somebody has asked for its end. */
  killed: boolean
  startedAtMs: number | undefined
  /** Set when it has ended for good. */
  endedAtMs: number | undefined
  exit: TaskExit | undefined
  outputs: OutputFile[]
  /** What its last task had used in the end; left out by earlier versions. */
  usage?: TaskUsage | undefined
  /** How often it has come to another node. */
  epoch?: number | undefined
  /** It stands still here and may go on elsewhere; see `migration/protocol.ts`. */
  departure?: Departure | undefined
  /** It came here, and where it was may not know that yet. */
  arrival?: { move: string, source: NodeId } | undefined
  /** Who keeps its checkpoints, and says whether it may run here; see `migration/keepers.ts`. */
  keepers?: readonly NodeId[] | undefined
  /** Where it was before, since these keep it. */
  places?: ReadonlyArray<{ node: NodeId, epoch: number }> | undefined
  /** What it wrote elsewhere, in order. */
  earlier?: readonly EarlierPiece[] | undefined
  /** What it wrote there last, and is not worth a blob. */
  tail?: readonly OutputChunk[] | undefined
  /** Where in the whole the output of its driver here begins, where that counts from nothing. */
  outputBase?: OutputPosition | undefined
  /** Whose it is, and by what its node acts for it; left out in an open cloud. */
  readonly rights?: ObjectRecordRights | undefined
  /** Where it can be talked to, by name, where that is no longer what its spec says. */
  ports?: Readonly<Record<string, number>> | undefined
}

/** `coordinator`: who decides; undefined: it is decided, and only the target knows. */
export interface Departure { move: string, target: NodeId, coordinator: NodeId | undefined }

/** A piece of what an object wrote before it came here, as a blob. */
export interface EarlierPiece { stream: OutputStream, offset: number, sizeBytes: number, blob: BlobId }

export interface ObjectRecordRights { owner: string, chain: readonly Uint8Array[] }

/**
 * How an object begins to live on a node; `again`: an earlier life of the node may have started it. `lost`: it came and
 * was lost again; or, with `again`, how it ended where nothing of it is left.
 */
export interface Beginning { again?: boolean, task?: Task | undefined, lost?: TaskEnd | undefined }

/** An object of a node, as whoever moves it sees it. */
export interface Resident {
  readonly record: ObjectRecord
  readonly task: Task | undefined
  readonly hasEnded: boolean
  readonly isHeld: boolean
  /** It stands still: what would change it waits until it goes on, here or elsewhere. */
  hold (): Cancel
  /** Resolves when it is not held. Rejects ESTALE, with where it went, when it is here no more. */
  whenHere (options?: AbortOptions): Promise<void>
  /**
   * Resolves when it runs, and has had time to say how it can move, or has ended; is not held; and where it came from
   * knows that it is here. Rejects as `whenHere` does.
   */
  whenUnderWay (options: { signal: AbortSignal }): Promise<void>
  /** Where it came from knows that it is here: it is this node's own, as any other. Rejects ENOSPC, EIO. */
  settle (): Promise<void>
  /** Resolves when its record is durable as it is now. Rejects ENOSPC, EIO. */
  keep (): Promise<void>
  /** What its driver is to run, with its files at hand. Rejects ENOENT, EIO, ENOSPC (files), ECANCELED. */
  taskSpec (options: { looksMax?: number, signal: AbortSignal }): Promise<TaskSpec>
  /** Ends its task and starts it anew, as after a failure. */
  restart (): Promise<void>
}

/** Objects come to a node and leave it. */
export interface Residents<Object extends Resident = Resident> {
  all (): IterableIterator<Object>
  /** Rejects ENOENT. */
  get (id: ObjectId): Object
  rightsOf (id: ObjectId): ObjectRights | undefined
  driverOf (object: Pick<Object, 'record'>): Driver
  /** What an object has written, here and where it was before. */
  outputOf (object: Object): TaskOutput
  /** Takes nothing new any more; says so to who asks. */
  close (why: string): Cancel
  /** An object of this record, which is not one of this node's until it arrives. Throws ENOSYS. */
  newcomer (record: ObjectRecord): Object
  /**
   * A newcomer is this node's from now on: durable first, then begun. Rejects as `begin` does, EEXIST, ENOSPC, EIO,
   * with nothing left here.
   */
  arrive (object: Object, reservation: ObjectId | undefined, begin: () => Promise<Task>): Promise<void>
  /** It went to another node: forgets it, once its task is told to leave. Rejects ENOSPC, EIO. */
  depart (object: Object, to: NodeId): Promise<void>
  /**
   * Asks `judge` of objects that were on their way when an earlier life of the node ended, before they live on; to be
   * given before the start.
   */
  settleBy (judge: (object: Object) => Promise<Beginning | 'gone'>): void
}
