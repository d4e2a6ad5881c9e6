import { mapConcurrently } from '@welkin/async'
import { CloudError, type AbortOptions, type Logger, type Membership } from '@welkin/interface'
import { askNodes, type Calls } from '../../dispatch/index.ts'
import { Turns } from './turns.ts'

const NAMES_WIDTH = 4
/** Of the names of one spawn; each costs a question to every node. */
const CHECKED_MAX = 32

export interface NamesPorts { calls: Calls, log: Logger, membership: Membership }

/**
 * Keeps live objects from going by the same name. What one node places it places one after the other for each name;
 * between nodes, and where one does not answer, it is best effort: nobody keeps a book of names yet.
 */
export class Names {
  readonly #ports: NamesPorts
  readonly #turns = new Turns()

  constructor (ports: NamesPorts) {
    this.#ports = ports
  }

  /**
   * Runs `work`, which is to give `names`, all derived from `base`. Rejects EEXIST where a live object has one of them.
   * Of many the first are looked up: those of an earlier set are numbered from 0 as well.
   */
  async whileUnused<T> (
    base: string, names: readonly string[], work: () => Promise<T>, { signal }: AbortOptions = {}
  ): Promise<T> {
    return await this.#turns.take(base, async () => {
      await mapConcurrently(names.slice(0, CHECKED_MAX), NAMES_WIDTH, async name => await this.#check(name, signal))
      return await work()
    }, { signal })
  }

  async #check (name: string, signal: AbortSignal | undefined): Promise<void> {
    const { calls, log, membership } = this.#ports
    const { nodes } = await membership.everyone({ signal })
    const { answers } = await askNodes(nodes, async ({ id: node }, options) => {
      const { matches } = await calls.at(node).locate({ ref: name }, options)
      return matches.filter(match => match.live && match.name === name).map(({ id }) => ({ object: id, node }))
    }, { log, signal })
    const [holder] = answers.flat()
    if (holder === undefined) return
    const message = `An object named "${name}" lives already; choose another name, or kill it first.`
    throw new CloudError('EEXIST', message, { fields: { ...holder } })
  }
}
