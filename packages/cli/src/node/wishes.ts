import { QUERY_LIMITS, type Condition, type CostWeights, type NodeQuery } from '@welkin/abi'

/** At most so long a round trip from a node, an object or a zone. */
export interface Reach { ms: number, target: string }

/** Which nodes somebody would like for objects, piece by piece. */
export interface Wishes {
  /** What a node must meet, and more where it says more. */
  where?: NodeQuery | undefined
  /** All of these must hold. */
  within?: readonly Reach[] | undefined
  /** As near to all of these as can be. */
  near?: readonly string[] | undefined
  /** What counts how much in what a node costs. */
  prefer?: CostWeights | undefined
  spread?: NodeQuery['spread'] | undefined
}

/**
 * One query for all wishes; undefined where there are none. `conflict` is called with a sentence where they cannot be
 * had together, and is to throw.
 */
export function composeQuery (wishes: Wishes, conflict: (problem: string) => never): NodeQuery | undefined {
  const { where, within = [], near, prefer, spread } = wishes
  if (Object.values(wishes).every(wish => wish === undefined)) return undefined
  const orders = near !== undefined || prefer !== undefined
  if (where?.limit !== undefined) conflict('The query of --where takes no limit: --count says how many objects.')
  if (where?.order !== undefined && orders) {
    conflict('The query of --where has an order of its own: leave it out there, or leave out --near and --prefer.')
  }
  if (where?.spread !== undefined && spread !== undefined) {
    conflict('The query of --where is spread already: leave it out there, or leave out --spread.')
  }
  if (near !== undefined && near.length > QUERY_LIMITS.nearMax) {
    conflict(`Nodes can be near to at most ${QUERY_LIMITS.nearMax} places: leave out some of --near.`)
  }
  return {
    where: allOf([...where?.where === undefined ? [] : [where.where], ...within.map(withinReach)]),
    order: orders ? { by: 'cost', weights: prefer, near: near && [...near] } : where?.order,
    spread: spread ?? where?.spread
  }
}

function withinReach ({ ms, target }: Reach): Condition {
  return { kind: 'rtt', target, operator: '<=', ms }
}

function allOf (conditions: Condition[]): Condition | undefined {
  return conditions.length > 1 ? { kind: 'all', of: conditions } : conditions[0]
}
