/**
 * Keys and nodes are points of one space, and a key is kept by the nodes nearest to it (Maymounkov and Mazieres,
 * Kademlia, 2002): distances, whom a node knows, and the way to a key. Pure: who uses it asks, and tells what came.
 */
export { commonBits, compareDistance, isPoint, pointOf, POINT_BYTES, type Placed, type Point } from './point.ts'
export { PointIndex } from './point-index.ts'
export { RoutingTable, type TableChange } from './routing-table.ts'
export { LookUp, type LookUpOptions } from './look-up.ts'
