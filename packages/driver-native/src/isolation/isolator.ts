import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { CloudError, type TaskSpec } from '@welkin/interface'
import { asCloudError } from '@welkin/platform-node/faults'
import { taskDirectory, tasksDirectory, temporaryDirectory, workDirectory } from '../layout.ts'
import type { NativeDriverOptions } from '../options.ts'
import type { IsolationCommands } from '../protocol.ts'
import { bubblewrapCommand } from './bubblewrap.ts'
import { giveTo, ownUserCommand, userOf } from './own-user.ts'
import { probeMeans, type Means } from './probe.ts'
import { seccompFilter } from './seccomp.ts'
import { isWithin, viewOf, type View } from './view.ts'

const PASSABLE_MODE = 0o711

const NONE: IsolationCommands = { sandbox: [], become: [] }

/** Keeps tasks from the machine and from each other, by what there is. */
export class Isolator {
  readonly #options: NativeDriverOptions
  #probing: Promise<Means> | undefined
  #means: Means = {}
  #view: View | undefined

  constructor (options: NativeDriverOptions) {
    this.#options = options
  }

  /** Known after `probe`; before, nothing is promised. */
  get way (): 'bubblewrap' | 'user' | 'none' {
    const { bwrap, setpriv } = this.#means
    if (bwrap !== undefined) return 'bubblewrap'
    return setpriv === undefined ? 'none' : 'user'
  }

  async probe (): Promise<Means> {
    this.#probing ??= this.#probe()
    return await this.#probing
  }

  /** Opens the way to the tasks' directories for their users, where these are not the daemon's. */
  async start (): Promise<void> {
    await this.probe()
    if (this.way !== 'user') return
    const { directory, doors = [], passable = [] } = this.#options
    for (const path of [...passable, ...doors, directory, tasksDirectory(directory)]) await chmod(path, PASSABLE_MODE)
  }

  /** Throws ENOSYS for what cannot be had here, EINVAL for what contradicts itself. */
  check ({ isolation = 'default', network = 'host' }: Pick<TaskSpec, 'isolation' | 'network'>): void {
    if (isolation === 'none' && network !== 'host') {
      throw new CloudError('EINVAL', 'A task without isolation has the network of its node; leave out one of the two.')
    }
    if (this.way === 'bubblewrap' || (isolation !== 'strict' && network === 'host')) return
    const why = this.#means.reason ?? 'The driver has not been started.'
    const what = isolation === 'strict' ? 'Strict isolation' : `The network "${network}"`
    throw new CloudError('ENOSYS', `${what} needs bubblewrap, which this node does not have. ${why}`)
  }

  /** Gets the directories of a task ready, which are there already; see `check` for what it rejects. */
  async prepare (spec: TaskSpec): Promise<IsolationCommands> {
    this.check(spec)
    const { files, id, isolation = 'default', network = 'host' } = spec
    const { bwrap, filter, setpriv } = this.#means
    if (isolation === 'none' || this.way === 'none') return NONE
    const { directory } = this.#options
    const work = workDirectory(directory, id)
    const become = setpriv === undefined ? [] : ownUserCommand(setpriv, userOf(id))
    // Without a sandbox something of an earlier attempt may live on, and could lead us astray: then it is given once.
    if (setpriv !== undefined && ((await stat(work)).uid !== userOf(id) || (bwrap !== undefined && files.length > 0))) {
      await giveTo(userOf(id), work)
    }
    if (bwrap === undefined) {
      await chmod(taskDirectory(directory, id), PASSABLE_MODE)
      return { sandbox: [], become }
    }
    const temporary = temporaryDirectory(directory, id)
    try {
      await mkdir(temporary, { recursive: true, mode: 0o700 })
    } catch (error) {
      throw asCloudError(error, 'The task\'s /tmp could not be made')
    }
    if (setpriv !== undefined) await giveTo(userOf(id), temporary)
    const sandbox = bubblewrapCommand({
      bwrap, view: this.#viewFor(spec), workDirectory: work, temporaryDirectory: temporary, network,
      ownUsers: setpriv === undefined, filtered: filter !== undefined
    })
    return { sandbox, become, filter }
  }

  /** A program that is named by its whole path is seen, wherever it is; what stands beside it is not. */
  #viewFor ({ argv: [program = ''] }: TaskSpec): View {
    const view = this.#view as View
    const isSeen = !isAbsolute(program) || view.shown.some(path => isWithin(program, path)) ||
      view.links.some(({ path }) => isWithin(program, path))
    return isSeen ? view : { ...view, doors: [...view.doors, program] }
  }

  async #probe (): Promise<Means> {
    const { directory, doors = [], hidden = [], passable = [], shown = [] } = this.#options
    this.#view = viewOf({
      searchPath: process.env.PATH ?? '', home: process.env.HOME ?? '/', shown, hidden: [...hidden, directory], doors
    })
    this.#means = await probeMeans(passable[0] ?? directory, this.#view, await this.#writeFilter())
    return this.#means
  }

  /** The filter of system calls, in a file of its own; undefined: there is none for this machine. */
  async #writeFilter (): Promise<string | undefined> {
    const filter = seccompFilter(process.arch)
    if (filter === undefined) return undefined
    const path = join(this.#options.directory, 'seccomp.bpf')
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 })
    await writeFile(path, filter)
    return path
  }
}
