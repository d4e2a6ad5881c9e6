import { decode, encode } from '@welkin/abi'
import { mapConcurrently, repeat } from '@welkin/async'
import {
  CloudError, ignoreFault, isCloudError, type BlobId, type Cancel, type NodeId, type ObjectId
} from '@welkin/interface'
import type { ArgsOf } from '@welkin/syscalls'
import type { Caller } from '../../dispatch/index.ts'
import type { Checkpoints } from './checkpoints.ts'
import { mayRun, mayYield, MARGIN, type Answer, type Kept, type PlaceOf } from './lease.ts'
import type { MigrationOptions } from './options.ts'
import type { MigrationPorts } from './ports.ts'

const PREFIX = 'migration/kept/'
const WIDTH = 8

type Put = ArgsOf<'keep.put'>

/** What is on the disk of an object that is kept. */
interface Note extends Kept {
  keepers: NodeId[]
  checkpoint: BlobId
  record: Put['record']
  leaseMs: number
  /** Released, and all other keepers know. */
  told?: boolean
}

/** Objects of other nodes whose checkpoints this one keeps, and goes on with when their nodes fail; see `lease.ts`. */
export class Keepers {
  readonly #ports: MigrationPorts
  readonly #options: MigrationOptions
  readonly #checkpoints: Checkpoints
  readonly #notes = new Map<ObjectId, Note>()
  /** Monotonic time at which the object was last let run. */
  readonly #heardMs = new Map<ObjectId, number>()
  readonly #claiming = new Set<ObjectId>()
  /** Whose other keepers are just being told that it was taken over. */
  readonly #telling = new Set<ObjectId>()
  #cancel: Cancel = () => {}

  constructor (ports: MigrationPorts, options: MigrationOptions, checkpoints: Checkpoints) {
    this.#ports = ports
    this.#options = options
    this.#checkpoints = checkpoints
  }

  async start (): Promise<void> {
    const { clock, disk } = this.#ports
    for (const { key, value } of await disk.records.list(PREFIX)) {
      const id = key.slice(PREFIX.length)
      const note = decode(value) as Note
      this.#notes.set(id, note)
      this.#heardMs.set(id, clock.monotonicMs())
      if (!note.released) await this.#checkpoints.holdAgain(note.checkpoint)
    }
    this.#cancel = repeat(clock, this.#options.leaseMs / 4, async () => await this.#look())
  }

  stop (): void {
    this.#cancel()
  }

  /** Keeps a checkpoint, all of it; says whether the object may run where it is. Rejects ENOENT, EIO, ENOSPC. */
  async put (put: Put, caller: Caller): Promise<{ may: Answer, node: NodeId | undefined }> {
    const answer = this.#let(put, caller)
    if (answer.may !== 'run') return answer
    const { object: id, epoch, keepers, checkpoint, record, leaseMs } = put
    // While it comes the object is as it was kept before: the note is written when all is here.
    await this.#checkpoints.bring(checkpoint)
    const now = this.#let(put, caller, false)
    if (now.may !== 'run') {
      await this.#checkpoints.shelf.drop(checkpoint)
      return now
    }
    const before = this.#notes.get(id)
    await this.#write(id, {
      holder: nodeOf(caller), epoch, yielded: undefined, released: false, keepers: [...keepers], checkpoint, record,
      leaseMs
    })
    this.#drop(before)
    return answer
  }

  /** Lets the object run for a lease, if it may. `ask`: only says whether it may. Rejects ENOSPC, EIO. */
  async renew (
    { object: id, epoch, places, ask = false }: ArgsOf<'keep.renew'>, caller: Caller
  ): Promise<{ may: Answer, node: NodeId | undefined }> {
    const answer = this.#let({ object: id, epoch, places }, caller, !ask)
    const note = this.#notes.get(id)
    const node = nodeOf(caller)
    if (answer.may === 'run' && !ask && note !== undefined && (note.holder !== node || note.epoch !== epoch)) {
      await this.#write(id, { ...note, holder: node, epoch, yielded: undefined })
    }
    return answer
  }

  /** Gives the asking keeper its word, or takes it back. Rejects ENOSPC, EIO. */
  async yield ({ object: id, epoch, drop = false }: ArgsOf<'keep.yield'>, caller: Caller): Promise<boolean> {
    const note = this.#notes.get(id)
    const node = nodeOf(caller)
    if (note === undefined) return false
    if (drop) {
      if (note.yielded === node) await this.#write(id, { ...note, yielded: undefined })
      return false
    }
    if (this.#claiming.has(id) || this.#isHere(id) || !note.keepers.includes(node)) return false
    if (!mayYield(note, { node, epoch }, { silentMs: this.#silentMs(id), leaseMs: note.leaseMs })) return false
    await this.#write(id, { ...note, yielded: node })
    return true
  }

  /** It has ended: nobody is to go on with it. `taken`: the asking keeper has gone on with it. Rejects ENOSPC, EIO. */
  async end ({ object: id, epoch, taken = false }: ArgsOf<'keep.end'>, caller: Caller): Promise<void> {
    const note = this.#notes.get(id)
    if (taken) {
      if (note?.yielded === nodeOf(caller) && epoch > note.epoch) {
        await this.#release(id, { ...note, holder: nodeOf(caller), epoch })
      }
      return
    }
    if (note === undefined || note.epoch > epoch || (note.epoch === epoch && note.holder !== nodeOf(caller))) return
    await this.#forget(id)
  }

  #let (
    { object: id, epoch, places }: { object: ObjectId, epoch: number, places: readonly PlaceOf[] }, caller: Caller,
    counts = true
  ): { may: Answer, node: NodeId | undefined } {
    const note = this.#notes.get(id)
    const may = this.#claiming.has(id) ? 'wait' : mayRun(note, { node: nodeOf(caller), epoch }, places)
    if (may === 'run' && counts) this.#heardMs.set(id, this.#ports.clock.monotonicMs())
    return { may, node: note?.holder }
  }

  async #look (): Promise<void> {
    await Promise.all([...this.#notes].map(async ([id, note]) => {
      const { keepers, leaseMs, holder, record, released } = note
      const restores = record.spec.checkpoints?.onFailure === 'restore'
      if (released && holder === this.#ports.self && note.told !== true) this.#tellReleased(id, note)
      if (!restores || released || this.#claiming.has(id) || this.#isHere(id)) return
      // One after the other, so that the first has the others' words before they want his.
      const turnMs = Math.max(0, keepers.indexOf(this.#ports.self)) * leaseMs
      if (holder !== this.#ports.self && this.#silentMs(id) <= leaseMs * MARGIN + turnMs) return
      this.#claiming.add(id)
      try {
        await this.#claim(id, note)
      } catch (error) {
        if (!isCloudError(error)) throw error
        this.#ports.log.warn('migration.not_taken_over', { object: id, code: error.code })
      } finally {
        this.#claiming.delete(id)
      }
    }))
  }

  /** Asks all other keepers, and goes on with the object where all have given their word. */
  async #claim (id: ObjectId, note: Note): Promise<void> {
    const { calls, log, self } = this.#ports
    const isMine = note.holder === self
    const epoch = isMine ? note.epoch : note.epoch + 1
    if (!isMine) {
      if (note.yielded !== undefined) return
      const others = note.keepers.filter(keeper => keeper !== self)
      const options = { timeoutMs: this.#options.patienceMs }
      const words = await mapConcurrently(others, WIDTH, async keeper => {
        const asked = calls.at(keeper).keep.yield({ object: id, epoch }, options)
        return (await asked.catch(ignoreFault))?.granted === true
      })
      if (!words.every(Boolean)) {
        await mapConcurrently(others, WIDTH, async keeper => {
          await calls.at(keeper).keep.yield({ object: id, epoch, drop: true }, options).catch(ignoreFault)
        })
        return
      }
      await this.#write(id, { ...note, holder: self, epoch })
    }
    log.info('migration.taken_over', { object: id, epoch, from: note.holder })
    const { record } = note
    const rights = record.owner === undefined ? undefined : { owner: record.owner, chain: record.chain }
    await this.#checkpoints.goOn(note.checkpoint, {
      id, name: record.name, rights, epoch, token: record.token, spawnedAtMs: record.spawnedAtMs,
      places: [{ node: note.holder, epoch: note.epoch }]
    })
    await this.#release(id, { ...note, holder: self, epoch })
  }

  /** It is elsewhere, and others keep it: of the checkpoint there is no need, of the note there is. */
  async #release (id: ObjectId, note: Note): Promise<void> {
    await this.#write(id, { ...note, yielded: undefined, released: true })
    this.#drop(note)
  }

  /** Tells the other keepers that it was taken over, so that they need its checkpoint no more. */
  #tellReleased (id: ObjectId, note: Note): void {
    if (this.#telling.has(id)) return
    this.#telling.add(id)
    const { calls, self } = this.#ports
    const { epoch, keepers } = note
    const options = { timeoutMs: this.#options.patienceMs }
    const others = keepers.filter(keeper => keeper !== self)
    void mapConcurrently(others, WIDTH, async keeper => {
      await calls.at(keeper).keep.end({ object: id, epoch, taken: true }, options)
    }).then(async () => {
      if (this.#notes.get(id) === note) await this.#write(id, { ...note, told: true })
    }).catch(ignoreFault).finally(() => { this.#telling.delete(id) })
  }

  /** In its own time: whoever asks need not wait for the disk. */
  #drop (note: Note | undefined): void {
    if (note !== undefined && !note.released) void this.#checkpoints.shelf.drop(note.checkpoint)
  }

  #isHere (id: ObjectId): boolean {
    return this.#ports.objects.rightsOf(id) !== undefined
  }

  #silentMs (id: ObjectId): number {
    return this.#ports.clock.monotonicMs() - (this.#heardMs.get(id) ?? Number.POSITIVE_INFINITY)
  }

  async #write (id: ObjectId, note: Note): Promise<void> {
    // Whoever asks while it is on its way to the disk is told what it says.
    this.#notes.set(id, note)
    await this.#ports.disk.records.write([{ key: PREFIX + id, value: encode(note) }])
    if (!this.#heardMs.has(id)) this.#heardMs.set(id, this.#ports.clock.monotonicMs())
  }

  async #forget (id: ObjectId): Promise<void> {
    await this.#ports.disk.records.write([{ key: PREFIX + id, value: undefined }])
    const note = this.#notes.get(id)
    this.#notes.delete(id)
    this.#heardMs.delete(id)
    this.#drop(note)
  }
}

/** Throws EPERM for who is no node. */
function nodeOf (caller: Caller): NodeId {
  if (caller.kind === 'node') return caller.id
  throw new CloudError('EPERM', 'Only nodes ask this of one another.')
}

